/** Numbers side by side, little-endian, for caches that are read at once. */
import type { Bytes } from '../bytes.ts'

export function littleEndian(column: Uint32Array): Bytes {
  const out = new Uint8Array(column.length * 4)
  const view = new DataView(out.buffer)
  for (const [i, value] of column.entries()) view.setUint32(i * 4, value, true)
  return out
}

export function numbers(column: Bytes): Uint32Array {
  const view = new DataView(column.buffer, column.byteOffset, column.length)
  const out = new Uint32Array(column.length >> 2)
  for (let i = 0; i < out.length; i++) out[i] = view.getUint32(i * 4, true)
  return out
}
