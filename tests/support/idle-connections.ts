/** Many TCP connections that say nothing: how many came up, and when the last one was ended. */
import { connect } from 'node:net'

interface Idle {
  came: boolean
  gone: boolean
  why: string | undefined
}

export interface IdleConnections {
  /** Resolves when each has ended, whoever ended it and whenever. */
  readonly ended: Promise<unknown>
  /** What is still missing, for a person. */
  missing(): string
  came(): number
  destroy(): void
}

/** Fewer than wait to be accepted at once: of more the kernel lets the service never hear. */
const wave = 200

/**
 * Resolves when the service has accepted all of them. Everything is listened for before anything can
 * happen: a connection may end before others come up.
 */
export async function openIdleConnections(port: number, count: number): Promise<IdleConnections> {
  const idle: Idle[] = []
  const open = () => {
    const state: Idle = { came: false, gone: false, why: undefined }
    idle.push(state)
    const socket = connect(port, '127.0.0.1').resume()
    const ended = new Promise<void>((resolve) => {
      socket.once('close', () => {
        state.gone = true
        resolve()
      })
    })
    const came = new Promise<void>((resolve) => {
      socket.once('connect', () => {
        state.came = true
        resolve()
      })
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      state.why = error.code ?? 'unknown'
    })
    return { socket, settled: Promise.race([came, ended]), ended }
  }
  const opened: ReturnType<typeof open>[] = []
  while (opened.length < count) {
    const some = Array.from({ length: Math.min(wave, count - opened.length) }, open)
    opened.push(...some)
    await Promise.all(some.map(({ settled }) => settled))
    await answered(port)
  }
  const counted = (is: (state: Idle) => boolean) => idle.filter(is).length

  return {
    ended: Promise.all(opened.map(({ ended }) => ended)),
    came: () => counted(({ came }) => came),
    missing() {
      const errors = [...new Set(idle.flatMap(({ why }) => why ?? []))].join(', ') || 'none'
      return (
        `of ${count} connections ${counted(({ came }) => !came)} did not come up and ` +
        `${counted(({ gone }) => !gone)} have not ended; errors: ${errors}`
      )
    },
    destroy() {
      for (const { socket } of opened) socket.destroy()
    },
  }
}

/** A connection of its own, answered once those that came before it are accepted. */
function answered(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('data', () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
    socket.write(`GET /health HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nConnection: close\r\n\r\n`)
  })
}

/** Rejects with `words` when `work` takes longer than `ms`: a hang names what it waits for. */
export async function within<T>(ms: number, work: Promise<T>, words: () => string): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`after ${ms} ms: ${words()}`)), ms)
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
