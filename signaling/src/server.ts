/**
 * The service as a process of its own: `node dist/server.js`, configured by BATON_SIGNAL_* (see
 * environment.ts). It writes when it listens and when it closes, and nothing about anyone. SIGTERM
 * and SIGINT let it end in order.
 */
import { isBatonError } from '@baton/shared/errors'
import { parseEnvironment } from './environment.ts'
import { createSignaling } from './signaling.ts'

try {
  const signaling = createSignaling(parseEnvironment(process.env))
  const { url } = await signaling.listen()
  process.stdout.write(`listening on ${url}\n`)
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, async () => {
      process.stdout.write('closing\n')
      await signaling.close()
      process.exit(0)
    })
  }
} catch (error) {
  if (!isBatonError(error)) throw error
  process.stderr.write(`error: ${error.message}\n`)
  if (error.hint) process.stderr.write(`hint: ${error.hint}\n`)
  process.exit(1)
}
