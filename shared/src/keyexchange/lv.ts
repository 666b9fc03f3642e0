/**
 * Length-prefixed concatenation (draft-irtf-cfrg-cpace-21, section "Definitions"): every part keeps
 * its boundary, so two different lists never give the same bytes.
 */
import { type Bytes, concat } from '../bytes.ts'

/** LEB128(length) || bytes. */
export function prependLength(bytes: Bytes): Bytes {
  const prefix: number[] = []
  let rest = bytes.length
  do {
    prefix.push(rest < 128 ? rest : (rest & 0x7f) | 0x80)
    rest >>>= 7
  } while (rest > 0)
  return concat(Uint8Array.from(prefix), bytes)
}

export function lvCat(...parts: Bytes[]): Bytes {
  return concat(...parts.map(prependLength))
}
