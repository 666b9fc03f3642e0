/** The small ports: time, randomness, keys, compression, and what happened (for logs and tests). */
import type { Bytes } from '@baton/shared/bytes'

export interface Clock {
  /** Wall clock, ms since 1970. */
  now(): number
  /** Never goes back; ms from an arbitrary start. */
  monotonic(): number
  /** Runs `run` once after `ms`; returns how to cancel. Never keeps a process alive by itself. */
  after(ms: number, run: () => void): () => void
}

export interface Random {
  bytes(length: number): Bytes
}

/** This device's keys and its pair secrets. Private keys never leave it. */
export interface Keyring {
  /** Ed25519 public key, 32 bytes: the device id. */
  readonly device: Bytes
  /** X25519 public key, 32 bytes. */
  readonly exchange: Bytes
  sign(message: Bytes): Promise<Bytes>
  /** X25519 shared secret; rejects with `bad-key` when it is all zero. */
  agree(publicKey: Bytes): Promise<Bytes>
  /** Names have 1 to 100 of A-Z a-z 0-9 . _ - and differ by case; secrets up to `maxSecretBytes`. */
  getSecret(name: string): Promise<Bytes | undefined>
  /** Durable when it resolves. */
  putSecret(name: string, secret: Bytes): Promise<void>
  deleteSecret(name: string): Promise<void>
}

/** Raw deflate. Inflating stops with `too-large` once the output would pass `maxBytes`. */
export interface Deflate {
  deflate(bytes: Bytes): Promise<Bytes>
  inflate(bytes: Bytes, maxBytes: number): Promise<Bytes>
}

/** Facts for logs and tests: never a key, a code, SDP, an address or message text. */
export type TraceField = string | number | boolean | undefined
export type Trace = (event: string, fields?: Readonly<Record<string, TraceField>>) => void
