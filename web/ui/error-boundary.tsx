import { Component, type ReactNode } from 'react';
import { forgetFailedParts } from './lazy-part.tsx';

interface Properties {
  readonly children: ReactNode;
  readonly fallback: (error: Error, retry: () => void) => ReactNode;
}

/** Shows something in place of children that can't be drawn. */
export class ErrorBoundary extends Component<Properties, { error: Error | undefined }> {
  override state: { error: Error | undefined } = { error: undefined };

  static getDerivedStateFromError(error: Error) {
    return { error };
  }

  override render() {
    const { error } = this.state;
    const retry = () => {
      forgetFailedParts();
      this.setState({ error: undefined });
    };
    return error ? this.props.fallback(error, retry) : this.props.children;
  }
}
