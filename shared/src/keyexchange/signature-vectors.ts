/**
 * What a backend must get right before it is used (made for this purpose; the whole set stands in
 * tests/shared/keyexchange/vectors/signature-torsion.json). Rules: SG.
 */
import { type Bytes, fromHex, utf8Encode } from '../bytes.ts'

export interface SignatureVector {
  readonly publicKey: Bytes
  readonly message: Bytes
  readonly signature: Bytes
  readonly valid: boolean
}

const rows: readonly (readonly [
  valid: boolean,
  key: string,
  text: string,
  r: string,
  s: string,
])[] = [
  // honest
  [
    true,
    'f9fd66397fcfb38504c7c794abec2ed8a143f89709218c5632e8f473f447bd13',
    'honest',
    '7558bea8a9b0f337b940aa2a4367e30c14f058cbf56c89a5fc98c73692e883cb',
    'ed791ff187d61ed2295d688f50b2474d672a0685dd756ae31e9a902bca466707',
  ],
  // another message
  [
    false,
    'f9fd66397fcfb38504c7c794abec2ed8a143f89709218c5632e8f473f447bd13',
    'Honest',
    '7558bea8a9b0f337b940aa2a4367e30c14f058cbf56c89a5fc98c73692e883cb',
    'ed791ff187d61ed2295d688f50b2474d672a0685dd756ae31e9a902bca466707',
  ],
  // a torsion point added to R: cofactored verifiers accept
  [
    false,
    'f9fd66397fcfb38504c7c794abec2ed8a143f89709218c5632e8f473f447bd13',
    'torsion in R 1',
    '4f3057fc7ec1006e4e61a94c28ca0b1387b239cfd09bfc7a75ca6946f04a1a4a',
    'cc8ef6f715b56e28852e904c9e74ed0d736518c69e9031952d6d76ef6e09b403',
  ],
  // the same with another torsion point
  [
    false,
    'f9fd66397fcfb38504c7c794abec2ed8a143f89709218c5632e8f473f447bd13',
    'torsion in R 4',
    '78a74157564f0cc846bf55d5bc981cf3eb0fa7340a93765a036738c96d177c34',
    '2e7ed671c9d1f5a89cc7e04dd85aa0d435762342d95eeade275924c31ce11f08',
  ],
  // a torsion point added to A: cofactored verifiers accept
  [
    false,
    'bb5e04b9c9dcfaeba05543dc7a59a480efe7dedcaaae4620afdc7a691a776335',
    'torsion in A 1 1',
    '7558bea8a9b0f337b940aa2a4367e30c14f058cbf56c89a5fc98c73692e883cb',
    '829413fe2f0c386772ce05ee1fa17b1e502f754f57ead3cbc842067076e6d80b',
  ],
  // S + L: verifiers without the range check accept
  [
    false,
    'f9fd66397fcfb38504c7c794abec2ed8a143f89709218c5632e8f473f447bd13',
    'honest',
    '7558bea8a9b0f337b940aa2a4367e30c14f058cbf56c89a5fc98c73692e883cb',
    'da4d154ea239312a00fa5f322fac2662672a0685dd756ae31e9a902bca466717',
  ],
  // R negated
  [
    false,
    'f9fd66397fcfb38504c7c794abec2ed8a143f89709218c5632e8f473f447bd13',
    'honest',
    '7558bea8a9b0f337b940aa2a4367e30c14f058cbf56c89a5fc98c73692e8834b',
    'ed791ff187d61ed2295d688f50b2474d672a0685dd756ae31e9a902bca466707',
  ],
  // R not canonical
  [
    false,
    'f9fd66397fcfb38504c7c794abec2ed8a143f89709218c5632e8f473f447bd13',
    'R not canonical',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'f453cbdba8eef28d8865fd91a5ef35a64872557ac00fbc05f347135fa2515f00',
  ],
]

export function signatureVectors(): readonly SignatureVector[] {
  return rows.map(([valid, key, text, r, s]) => ({
    publicKey: fromHex(key),
    message: utf8Encode(text),
    signature: fromHex(r + s),
    valid,
  }))
}
