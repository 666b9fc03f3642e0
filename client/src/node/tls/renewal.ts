/**
 * A certificate that is renewed while the device runs (rule WB42): its files are looked at once a
 * minute, and taken up when both fit again. One that cannot be used changes nothing.
 */
import { statSync } from 'node:fs'
import { isBatonError } from '@baton/shared/errors'
import type { Clock, Trace } from '../../core/ports/platform.ts'
import { type Certificate, type CertificatePaths, readCertificate } from './certificate.ts'

const lookMs = 60_000

export interface RenewalOptions {
  readonly paths: CertificatePaths
  readonly clock: Clock
  readonly trace: Trace
  renewed(certificate: Certificate): void
}

/** Returns how to stop. */
export function watchCertificate({ paths, clock, trace, renewed }: RenewalOptions): () => void {
  let known = stampOf(paths)
  let stop = () => {}
  const look = () => {
    const now = stampOf(paths)
    if (now !== known) {
      known = now
      take()
    }
    stop = clock.after(lookMs, look)
  }
  function take(): void {
    try {
      renewed(readCertificate(paths, clock.now()))
      trace('tls.renewed')
    } catch (error) {
      trace('tls.kept', { error: isBatonError(error) ? error.code : 'invalid' })
    }
  }
  stop = clock.after(lookMs, look)
  return () => stop()
}

/** Changes with what stands in the files, whichever way they were replaced. */
function stampOf({ cert, key }: CertificatePaths): string {
  const parts = [cert, key].map((path) => {
    const stats = statSync(path, { throwIfNoEntry: false, bigint: true })
    return stats ? `${stats.ino} ${stats.size} ${stats.mtimeNs} ${stats.ctimeNs}` : 'none'
  })
  return parts.join(', ')
}
