import { Link } from '@fluentui/react-components';
import { PageTitle } from '../../ui/page-title.tsx';

export function NotFound() {
  return (
    <>
      <PageTitle title="There is no such page" />
      <p>
        The address may be misspelt, or what it showed is gone. <Link href="/">Go to the home page</Link>
      </p>
    </>
  );
}
