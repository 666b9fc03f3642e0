/** Whether the signaling service answers, how fast, and what its clock says (rule DR3). */
import { took } from '../cli/units.ts'
import { type Check, clockVerdict, fail, ok } from './check.ts'

export type Get = (
  url: string,
) => Promise<{ readonly ok: boolean; readonly headers: { get(name: string): string | null } }>

const waitMs = 5_000

export const getPlain: Get = (url) =>
  fetch(url, { signal: AbortSignal.timeout(waitMs), redirect: 'error' })

/** `server`: an origin, as parseServerUrl gives it. Two questions: the second has a warm connection. */
export async function checkSignaling(
  server: string,
  get: Get,
  clock: { now(): number; monotonic(): number },
): Promise<Check[]> {
  const ask = async () => {
    const began = clock.monotonic()
    const response = await get(`${server}/health`)
    return { response, ms: clock.monotonic() - began, now: clock.now() }
  }
  try {
    await ask()
    const { response, ms, now } = await ask()
    if (!response.ok) {
      const hint = 'is it a Baton service, and may it be called by this name (BATON_SIGNAL_NAMES)?'
      return [fail('signaling', `${server} does not answer as a service`, hint)]
    }
    const date = Date.parse(response.headers.get('date') ?? '')
    const checks = [ok('signaling', `${server} answers in ${took(ms)}`)]
    return Number.isNaN(date) ? checks : [...checks, clockVerdict(now - date, ms)]
  } catch {
    // What lands here: no address, no route, no listener, no answer in time. Which is one to a person.
    const hint = 'is the service running, and the network up? baton up --signal names another'
    return [fail('signaling', `${server} does not answer`, hint)]
  }
}
