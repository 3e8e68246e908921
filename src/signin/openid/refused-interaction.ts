import type { Provider } from 'oidc-provider';
import type { WayOn } from '../pages/license-refused-page.ts';
import type { Interaction } from './interaction.ts';

/**
 * Notes what a person who was refused goes on with: the sign-in is decided once more, somebody else
 * signs in, or the app is told.
 * @returns where the browser goes on
 */
export async function leaveRefusal(
  provider: Provider,
  interaction: Interaction,
  next: WayOn,
  signInId: string,
): Promise<string> {
  if (next === 'otherAccount' && interaction.session) {
    await (await provider.Session.findByUid(interaction.session.uid))?.destroy();
    delete interaction.session;
  }
  interaction.result =
    next === 'back'
      ? { error: 'access_denied', error_description: `The person has no license for this app. Reference: ${signInId}` }
      : {};
  await interaction.save(interaction.exp - Math.floor(Date.now() / 1000));
  return interaction.returnTo;
}
