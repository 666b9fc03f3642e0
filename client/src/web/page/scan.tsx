/**
 * The viewfinder (rule WB45). A code of Baton fills in the form and closes the camera; any other is told
 * to be none, and what stands in it is neither shown nor kept.
 */
import { parseCode } from '@baton/shared/keyexchange/code'
import { isLink } from '@baton/shared/keyexchange/code-link'
import { isInvitationLink } from '@baton/shared/protocol/invitation-link'
import { useSignal } from '@preact/signals'
import { useEffect, useRef } from 'preact/hooks'
import { type CameraFault, faultOf, openCamera, watchCodes } from './camera.ts'
import { Trouble } from './parts.tsx'
import type { Problem } from './problem.ts'
import { w } from './words/words.ts'

export interface ScanProps {
  onCode(link: string): void
  onInvitation(link: string): void
  onClose(): void
}

type Scanned = 'code' | 'invitation' | 'other'

export function kindOfScan(text: string): Scanned {
  if (isInvitationLink(text)) return 'invitation'
  if (!isLink(text)) return 'other'
  try {
    parseCode(text)
    return 'code'
  } catch {
    return 'other'
  }
}

function problemWith(fault: CameraFault): Problem {
  const t = w().camera
  switch (fault) {
    case 'denied':
      return { code: 'cancelled', message: t.denied, hint: t.deniedHelp }
    case 'none':
      return { code: 'not-found', message: t.none, hint: t.noneHelp }
    case 'busy':
      return { code: 'invalid', message: t.busy, hint: t.busyHelp }
    default:
      return { code: 'invalid', message: t.unable, hint: t.noneHelp }
  }
}

export function Scan(props: ScanProps) {
  const t = w().camera
  const video = useRef<HTMLVideoElement>(null)
  const fault = useSignal<CameraFault | undefined>(undefined)
  const foreign = useSignal(false)
  const { onCode, onInvitation } = props
  useEffect(() => {
    const element = video.current
    if (!element) return
    let close = () => {}
    let gone = false
    const stop = watchCodes(element, (text) => {
      const kind = kindOfScan(text)
      foreign.value = kind === 'other'
      if (kind === 'code') onCode(text)
      if (kind === 'invitation') onInvitation(text)
    })
    openCamera(element).then(
      (opened) => {
        close = opened
        if (gone) close()
      },
      (error) => {
        fault.value = faultOf(error)
      },
    )
    return () => {
      gone = true
      stop()
      close()
    }
  }, [])
  return (
    <div class="scan">
      {fault.value ? (
        <Trouble problem={problemWith(fault.value)} />
      ) : (
        <>
          <video ref={video} muted playsInline aria-label={t.label} />
          <p class="quiet" role="status">
            {foreign.value ? t.foreign : t.hold}
          </p>
        </>
      )}
      <button type="button" class="plain" onClick={props.onClose}>
        {fault.value ? t.back : t.close}
      </button>
    </div>
  )
}
