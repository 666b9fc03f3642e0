/** The process of this device, for commands that need one (rules CL2, UP10). */
import type { Context } from './command.ts'
import { usage } from './exit.ts'
import { startBackground } from './up.ts'

export interface Running {
  readonly pid: number
  /** It was not there before. */
  readonly started: boolean
}

/** The process that runs; started in the background when there is none. `signal`: where it has to meet. */
export async function ensureRunning(context: Context, signal?: string): Promise<Running> {
  const { terminal, control } = context
  const status = await control()
    .status()
    .catch(() => undefined)
  if (status) {
    const { pid, embedded } = status.process
    const same = signal === 'own' ? embedded : signal === status.signaling?.server
    if (signal === undefined || same) return { pid, started: false }
    throw usage(
      'failed to pair: this device runs with another signaling service',
      `restart it: baton down, then baton up --signal ${signal}`,
    )
  }
  const pid = await startBackground(context, signal === undefined ? [] : ['--signal', signal])
  terminal.tell(
    terminal.note.dim(
      `this device was started in the background (process ${pid}); baton down stops it`,
    ),
  )
  return { pid, started: true }
}
