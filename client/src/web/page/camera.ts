/**
 * QR codes by camera (rule WB45): what is seen is looked at here, in this page, and goes nowhere. The
 * browser's own reader where it has one, else one that is loaded when a camera is opened for the first time.
 */
/** Resolves with what stands in the picture, undefined for nothing. Never rejects. */
type Reader = (video: HTMLVideoElement) => Promise<string | undefined>

/** Enough for a code that fills a third of the picture, and few enough pixels for an old phone. */
const maxSide = 800
/** Between two looks. */
const restMs = 120

/** Pictures of it into `video`; resolves with how to end that. Rejects with what `faultOf` understands. */
export async function openCamera(video: HTMLVideoElement): Promise<() => void> {
  const { mediaDevices } = navigator as Partial<Navigator>
  if (!mediaDevices) throw new DOMException('no cameras here', 'NotSupportedError')
  const stream = await mediaDevices.getUserMedia({
    video: { facingMode: { ideal: 'environment' }, width: { ideal: 1280 } },
  })
  video.srcObject = stream
  // Not awaited: a video that was taken away never plays, and is no fault.
  video.play().catch(() => {})
  return () => {
    for (const track of stream.getTracks()) track.stop()
    video.srcObject = null
  }
}

/** Why there is no picture. */
export type CameraFault = 'denied' | 'none' | 'busy' | 'unable'

export function faultOf(error: unknown): CameraFault {
  const { name } = (error ?? {}) as { readonly name?: unknown }
  return faults[String(name)] ?? 'unable'
}

const faults: Readonly<Record<string, CameraFault>> = {
  NotAllowedError: 'denied',
  SecurityError: 'denied',
  NotFoundError: 'none',
  OverconstrainedError: 'none',
  NotReadableError: 'busy',
  AbortError: 'busy',
}

/** Calls `seen` with each text that comes into view, not twice in a row with one; returns how to stop. */
export function watchCodes(video: HTMLVideoElement, seen: (text: string) => void): () => void {
  let stopped = false
  let last: string | undefined
  async function look(): Promise<void> {
    const read = await openReader()
    while (!stopped) {
      const text = video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && (await read(video))
      if (!stopped && text && text !== last) {
        last = text
        seen(text)
      }
      await new Promise((resolve) => setTimeout(resolve, restMs))
    }
  }
  void look()
  return () => {
    stopped = true
  }
}

interface Detector {
  detect(source: HTMLVideoElement): Promise<readonly { readonly rawValue: string }[]>
}
interface DetectorType {
  new (options: { readonly formats: readonly string[] }): Detector
  getSupportedFormats(): Promise<readonly string[]>
}

async function openReader(): Promise<Reader> {
  const own = (globalThis as { BarcodeDetector?: DetectorType }).BarcodeDetector
  const formats = await own?.getSupportedFormats().catch((): readonly string[] => [])
  const other = openDecoder()
  if (!own || !formats?.includes('qr_code')) return other
  const detector = new own({ formats: ['qr_code'] })
  // One that is there and does not work is as good as none.
  return (video) =>
    detector.detect(video).then(
      ([found]) => found?.rawValue,
      () => other(video),
    )
}

function openDecoder(): Reader {
  const canvas = document.createElement('canvas')
  const context = canvas.getContext('2d', { willReadFrequently: true })
  return async (video) => {
    const { decodeQR } = await import('qr/decode.js')
    const { videoWidth: width, videoHeight: height } = video
    const scale = Math.min(1, maxSide / Math.max(width, height, 1))
    canvas.width = Math.round(width * scale)
    canvas.height = Math.round(height * scale)
    if (!context || canvas.width === 0 || canvas.height === 0) return undefined
    context.drawImage(video, 0, 0, canvas.width, canvas.height)
    try {
      return decodeQR(context.getImageData(0, 0, canvas.width, canvas.height))
    } catch {
      // A picture without a code, which most are.
      return undefined
    }
  }
}
