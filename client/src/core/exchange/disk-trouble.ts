/**
 * What a receiver does while its disk takes nothing (rule XC9): it passes over what comes, says so,
 * goes on with everything else, and looks now and then whether there is room again.
 */
import { isBatonError } from '@baton/shared/errors'
import type { SessionId } from '@baton/shared/ids'
import { diskRetryMs } from '@baton/shared/limits'
import type { Clock } from '../ports/platform.ts'
import type { Repository } from '../repo/repository.ts'

type Trouble = 'store-full' | 'store-readonly'

export interface DiskTroublePorts {
  readonly repository: Pick<Repository, 'hasRoom'>
  readonly clock: Clock
  retry(sessions: readonly SessionId[]): void
  trouble(code: Trouble | undefined): void
  failed(error: unknown): void
}

export type DiskTrouble = ReturnType<typeof createDiskTrouble>

export function createDiskTrouble(ports: DiskTroublePorts) {
  const missed = new Set<SessionId>()
  let code: Trouble | undefined
  let stop = () => {}
  let closed = false

  function look(): void {
    if (closed) return
    // As often the last time as the first: who made room sends again, and waits for one such look.
    stop = ports.clock.after(diskRetryMs, () => {
      ports.repository.hasRoom().then((room) => (room ? recovered() : look()), ports.failed)
    })
  }

  function recovered(): void {
    if (closed) return
    code = undefined
    ports.trouble(undefined)
    const sessions = [...missed]
    missed.clear()
    ports.retry(sessions)
  }

  /** True when it was the disk that refused: told once, and looked after from now on. */
  function refused(error: unknown): boolean {
    if (!isBatonError(error)) return false
    if (error.code !== 'store-full' && error.code !== 'store-readonly') return false
    if (code === undefined) {
      code = error.code
      ports.trouble(code)
      look()
    }
    return true
  }

  return {
    refused,
    /** Nothing when the disk did not take it. Any other failure is the caller's. */
    async storing<T>(
      session: SessionId | undefined,
      run: () => Promise<T>,
    ): Promise<T | undefined> {
      if (code !== undefined) {
        if (session !== undefined) missed.add(session)
        return undefined
      }
      try {
        return await run()
      } catch (error) {
        if (!refused(error)) throw error
        if (session !== undefined) missed.add(session)
        return undefined
      }
    },
    /** Something of the session is missing because of the disk. */
    passedOver: (session: SessionId) => missed.has(session),
    close() {
      closed = true
      stop()
    },
  }
}
