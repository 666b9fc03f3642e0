/**
 * A peer connection of @roamhq/wrtc that does not reach the native code paths known to crash or
 * hang: the description getters (a race in SdpSerialize), a second close, and adding a candidate to
 * a closed connection (never settles). Rule LH1. Its properties cannot be redefined, hence a Proxy.
 */
interface Description {
  readonly type: string
  readonly sdp: string
}

/** The members of the native connection that are wrapped; all others pass through. */
interface Native {
  readonly signalingState: string
  createOffer(): Promise<Description>
  createAnswer(): Promise<Description>
  setLocalDescription(description: Description): Promise<void>
  setRemoteDescription(description: Description): Promise<void>
  addIceCandidate(candidate: unknown): Promise<void>
  getStats(): Promise<ReadonlyMap<string, unknown>>
  close(): void
}

/** How long the library may take over one candidate before it is called unusable. */
const candidateMs = 5_000
let live = 0
let closedOne = () => {}

/** Peer connections made and not closed, in this process. */
export const liveConnections = (): number => live

/** One handler for every close of a connection in this process. */
export function onConnectionClosed(handler: () => void): void {
  closedOne = handler
}

export function safeConnection(native: Native): object {
  let local: Description | null = null
  let remote: Description | null = null
  let closed = false
  live++

  const safe: Record<string | symbol, unknown> = {
    async setLocalDescription(description?: Description) {
      const answers = native.signalingState === 'have-remote-offer'
      const made =
        description ?? (answers ? await native.createAnswer() : await native.createOffer())
      await native.setLocalDescription(made)
      local = { type: made.type, sdp: made.sdp }
    },
    async setRemoteDescription(description: Description) {
      await native.setRemoteDescription(description)
      remote = { type: description.type, sdp: description.sdp }
    },
    async addIceCandidate(candidate: unknown) {
      if (!closed) await within(candidateMs, native.addIceCandidate(candidate))
    },
    async getStats() {
      return closed ? new Map() : await native.getStats()
    },
    close() {
      if (closed) return
      closed = true
      live--
      native.close()
      closedOne()
    },
  }
  const cached: Record<string | symbol, () => Description | null> = {
    localDescription: () => local,
    currentLocalDescription: () => local,
    pendingLocalDescription: () => null,
    remoteDescription: () => remote,
    currentRemoteDescription: () => remote,
    pendingRemoteDescription: () => null,
  }

  return new Proxy(native, {
    get(target, key) {
      const getter = cached[key]
      if (getter) return getter()
      if (key in safe) return safe[key]
      const value: unknown = Reflect.get(target, key, target)
      const method = typeof value === 'function' && !String(key).startsWith('on')
      return method ? value.bind(target) : value
    },
    set: (target, key, value) => Reflect.set(target, key, value, target),
  })
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the candidate was not taken in time')), ms)
    timer.unref()
  })
  try {
    await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
