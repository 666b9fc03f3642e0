/** What every contender does with a document on disk. */
import { fdatasyncSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type Message, screenful, type Usable } from './messages.ts'

export interface Keeper {
  /** Writes a document of `count` messages, one change each, into an empty folder. */
  build(folder: string, count: number): Promise<void>
  /** Makes ready what is not loading, like keys. */
  open(folder: string): Promise<Opened>
}

export interface Opened {
  load(): Promise<Usable>
  /** Adds one message to what was loaded; on disk when it resolves. */
  append(message: Message): Promise<void>
}

export const savedFile = (folder: string) => join(folder, 'saved')

export const usable = (list: readonly Message[]): Usable => ({
  ids: list.map(({ id }) => id),
  screen: list.slice(-screenful).map(({ text }) => text),
})

/** What comes after the saved form, each piece with its length before it. */
export function openTail(folder: string) {
  let file: number | undefined
  return (piece: Uint8Array): void => {
    file ??= openSync(join(folder, 'tail'), 'a', 0o600)
    const length = Buffer.alloc(4)
    length.writeUInt32BE(piece.length)
    writeSync(file, Buffer.concat([length, piece]))
    fdatasyncSync(file)
  }
}
