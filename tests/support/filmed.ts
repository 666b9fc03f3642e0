/** What a camera of Chromium sees in a test: a film of one picture, with a QR code in it. */
import { writeFileSync } from 'node:fs'
import { encode } from 'uqr'

const [width, height] = [640, 480]

/** Raw frames (YUV4MPEG2): light all over, and the code on it a little off the middle. */
export function film(path: string, text: string): void {
  const { data, size } = encode(text, { ecc: 'L', border: 2 })
  const module = Math.floor(400 / size)
  const luma = Buffer.alloc(width * height, 200)
  for (let y = 0; y < size * module; y++) {
    for (let x = 0; x < size * module; x++) {
      const dark = data[Math.floor(y / module)]?.[Math.floor(x / module)]
      luma[(y + 30) * width + x + 90] = dark ? 30 : 225
    }
  }
  const colour = Buffer.alloc((width * height) / 2, 128)
  const header = Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420jpeg\n`)
  writeFileSync(path, Buffer.concat([header, Buffer.from('FRAME\n'), luma, colour]))
}

export const filmFlags = (path: string): string[] => [
  '--use-fake-device-for-media-stream',
  '--use-fake-ui-for-media-stream',
  `--use-file-for-fake-video-capture=${path}`,
]
