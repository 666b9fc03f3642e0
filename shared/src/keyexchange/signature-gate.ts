/**
 * The byte tests of the signature predicate, done before any backend sees its input, since native
 * verifiers differ there: OpenSSL takes a key that is not canonical, and small-order keys and
 * commitments for which one signature fits many messages. Rules: SG.
 */
import { isBytes } from '@noble/hashes/utils.js'
import { type Bytes, fromHex } from '../bytes.ts'

/** p = 2^255 - 19, little endian. */
const prime = fromHex(`ed${'ff'.repeat(30)}7f`)
/** The order of the base point, little endian. */
const order = fromHex('edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010')

/** y of the eight points of small order, little endian; both signs of x belong to them. */
const smallOrder = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  `ec${'ff'.repeat(30)}7f`,
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
].map(fromHex)

/** True when the sizes, the ranges of A, R and S, and the orders of A and R allow a verdict. */
export function passesGate(publicKey: Bytes, message: Bytes, signature: Bytes): boolean {
  return (
    isBytes(publicKey) &&
    isBytes(message) &&
    isBytes(signature) &&
    publicKey.length === 32 &&
    signature.length === 64 &&
    isPlainPoint(publicKey) &&
    isPlainPoint(signature.subarray(0, 32)) &&
    isBelow(signature.subarray(32), order)
  )
}

/** Canonical, and not of small order. Whether it is a point of the curve stays open. */
export function isPlainPoint(encoded: Bytes): boolean {
  const y = Uint8Array.from(encoded)
  y[31] = (y[31] as number) & 0x7f
  return isBelow(y, prime) && !smallOrder.some((point) => point.every((byte, i) => byte === y[i]))
}

function isBelow(value: Bytes, bound: Bytes): boolean {
  for (let i = 31; i >= 0; i--) {
    const difference = (value[i] as number) - (bound[i] as number)
    if (difference !== 0) return difference < 0
  }
  return false
}
