import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Provider } from 'oidc-provider';
import { errors } from './oidc-provider.ts';

export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

/**
 * A sign-in that an app has asked for, where it is this browser's and still open.
 * @param prompt what it waits for: that the person signs in, or reads why they are refused
 */
export async function readInteraction(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  prompt = 'login',
): Promise<Interaction | undefined> {
  try {
    const interaction = await provider.interactionDetails(request, response);
    return interaction.uid === id && interaction.prompt.name === prompt ? interaction : undefined;
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined;
    throw error;
  }
}

/**
 * The same by its id alone, for who has come back from an identity provider: the cookie of an
 * interaction isn't sent there, so whoever asks knows by another cookie that it is this browser's.
 */
export async function findInteraction(provider: Provider, id: string): Promise<Interaction | undefined> {
  const interaction = await provider.Interaction.find(id);
  return interaction?.prompt.name === 'login' && interaction.result?.login === undefined ? interaction : undefined;
}

/**
 * Notes who has signed in.
 * @param amr how (RFC 8176; 'fed', as Microsoft has it: by another identity provider)
 * @returns where the browser goes on, and gets a session with a new identifier
 */
export async function finishInteraction(
  provider: Provider,
  interaction: Interaction,
  userId: string,
  amr: readonly string[] = ['pwd'],
): Promise<string> {
  const { session } = interaction;
  // Somebody else was signed in here: their session ends, and nothing of it goes over.
  if (session?.accountId !== undefined && session.accountId !== userId) {
    await (await provider.Session.findByUid(session.uid))?.destroy();
    delete interaction.session;
  }
  // "remember": false makes the cookie end with the browser.
  interaction.result = { login: { accountId: userId, remember: false, amr: [...amr] } };
  await interaction.save(interaction.exp - Math.floor(Date.now() / 1000));
  return interaction.returnTo;
}
