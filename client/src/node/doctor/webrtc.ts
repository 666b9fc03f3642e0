/**
 * Whether WebRTC loads and connects two ends on this machine (rule DR2), in a process of its own: what
 * is asked is whether the native library crashes. One JSON line: how long, and what kinds of paths.
 */
import { loadWrtc } from '../rtc/wrtc.ts'

interface Connection {
  onicecandidate: ((event: { candidate: { candidate: string } | null }) => void) | null
  createDataChannel(name: string): { onopen: (() => void) | null }
  createOffer(): Promise<object>
  createAnswer(): Promise<object>
  setLocalDescription(description: object): Promise<void>
  setRemoteDescription(description: object): Promise<void>
  addIceCandidate(candidate: object): Promise<void>
}

async function connect(): Promise<{ ms: number; kinds: string[] }> {
  const began = performance.now()
  const { RTCPeerConnection } = loadWrtc() as unknown as {
    RTCPeerConnection: new (config: object) => Connection
  }
  const [a, b] = [new RTCPeerConnection({}), new RTCPeerConnection({})]
  const kinds = new Set<string>()
  const early: (() => void)[] = []
  let described = false
  const hand = (to: Connection) => (event: { candidate: { candidate: string } | null }) => {
    const { candidate } = event
    if (!candidate) return
    kinds.add(/ typ (\w+)/.exec(candidate.candidate)?.[1] ?? 'unknown')
    const add = () => void to.addIceCandidate(candidate).catch(() => undefined)
    if (described) add()
    else early.push(add)
  }
  a.onicecandidate = hand(b)
  b.onicecandidate = hand(a)
  const channel = a.createDataChannel('doctor')
  const open = new Promise<void>((resolve) => {
    channel.onopen = () => resolve()
  })
  const offer = await a.createOffer()
  await a.setLocalDescription(offer)
  await b.setRemoteDescription(offer)
  const answer = await b.createAnswer()
  await b.setLocalDescription(answer)
  await a.setRemoteDescription(answer)
  described = true
  for (const add of early) add()
  await open
  return { ms: Math.round(performance.now() - began), kinds: [...kinds] }
}

const late = setTimeout(() => end({ error: { message: 'no connection within 10 s' } }), 10_000)

function end(result: object): void {
  clearTimeout(late)
  // Without closing: a connection that is closed early is one of the ways this library crashes.
  process.stdout.write(`${JSON.stringify(result)}\n`, () => process.kill(process.pid, 'SIGKILL'))
}

connect().then(end, (error: { message?: string; hint?: string }) =>
  end({ error: { message: error.message, hint: error.hint } }),
)
