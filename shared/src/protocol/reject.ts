/**
 * What a peer is told when it is refused: a small number. Local errors never cross the wire; these
 * two total functions are the only way between them. Rules: BD.
 */
import type { ErrorCode } from '../errors.ts'

export const rejections = { refused: 1, version: 2 } as const

export type Rejection = (typeof rejections)[keyof typeof rejections]

export function toRejection(code: ErrorCode): Rejection {
  return code === 'unsupported-version' ? rejections.version : rejections.refused
}

/** Any number a peer may send; one that is not known says no more than `refused`. */
export function fromRejection(rejection: number): ErrorCode {
  return rejection === rejections.version ? 'unsupported-version' : 'bind-failed'
}
