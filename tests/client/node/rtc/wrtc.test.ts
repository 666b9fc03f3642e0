/** LH1, LH2: the guards around the native library; it is not loaded here. */
import { liveConnections, safeConnection } from '@baton/client/node/rtc/safe-connection'
import { nativeMissing } from '@baton/client/node/rtc/wrtc'
import { expect, it } from 'vitest'

function createNative() {
  const calls: string[] = []
  const call =
    <T>(name: string, result: T) =>
    async () => {
      calls.push(name)
      return result
    }
  const offer = { type: 'offer', sdp: 'o' }
  const native = {
    calls,
    signalingState: 'stable',
    createOffer: call('createOffer', offer),
    createAnswer: call('createAnswer', { type: 'answer', sdp: 'a' }),
    setLocalDescription: call('setLocal', undefined),
    setRemoteDescription: call('setRemote', undefined),
    addIceCandidate: call('add', undefined),
    getStats: call('stats', new Map([['x', 1]])),
    close() {
      calls.push('close')
    },
    onicecandidate: null as unknown,
  }
  for (const name of ['localDescription', 'remoteDescription', 'currentLocalDescription']) {
    Object.defineProperty(native, name, {
      get: () => expect.fail('the native getter crashes now and then'),
    })
  }
  return native
}

it('LH1 descriptions come from what was set, never from the native getters', async () => {
  const native = createNative()
  const safe = safeConnection(native) as RTCPeerConnection
  expect([safe.localDescription, safe.remoteDescription]).toEqual([null, null])
  await safe.setLocalDescription()
  await safe.setRemoteDescription({ type: 'answer', sdp: 'r' })
  expect(safe.localDescription).toEqual({ type: 'offer', sdp: 'o' })
  expect(safe.currentLocalDescription).toEqual({ type: 'offer', sdp: 'o' })
  expect(safe.remoteDescription).toEqual({ type: 'answer', sdp: 'r' })
  native.signalingState = 'have-remote-offer'
  await safe.setLocalDescription()
  expect(safe.localDescription?.type).toBe('answer')
})

it('LH1 a closed connection is left alone, and closes once', async () => {
  const native = createNative()
  const before = liveConnections()
  const safe = safeConnection(native) as RTCPeerConnection
  expect(liveConnections()).toBe(before + 1)
  safe.close()
  safe.close()
  await safe.addIceCandidate({ candidate: 'c' })
  expect((await safe.getStats()).size).toBe(0)
  expect(native.calls).toEqual(['close'])
  expect(liveConnections()).toBe(before)
})

it('LH1 handlers are set on the native object, methods keep it as their receiver', () => {
  const native = createNative()
  const safe = safeConnection(native) as RTCPeerConnection
  const handler = () => {}
  safe.onicecandidate = handler
  expect(native.onicecandidate).toBe(handler)
  expect(safe.signalingState).toBe('stable')
})

const glibc = '2.36'
it.each([
  ['musl', { platform: 'linux', arch: 'x64', glibc: undefined }, /musl.*glibc 2\.34/],
  ['an old glibc', { platform: 'linux', arch: 'x64', glibc: '2.31' }, /glibc 2\.31 is too old/],
  ['Windows on arm', { platform: 'win32', arch: 'arm64', glibc: undefined }, /x64 build of Node/],
  ['FreeBSD', { platform: 'freebsd', arch: 'x64', glibc: undefined }, /no build; builds exist/],
  ['a fitting machine', { platform: 'linux', arch: 'x64', glibc }, /--include=optional/],
])('LH2 %s is told what to do', (_name, machine, hint) => {
  const cause = Object.assign(
    new Error("Cannot find module '@roamhq/wrtc-x'\nRequire stack: ..."),
    {
      code: 'MODULE_NOT_FOUND',
    },
  )
  const error = nativeMissing(machine, cause)
  expect(error.code).toBe('native-missing')
  expect(error.hint).toMatch(hint)
  expect(error.message).toContain("Cannot find module '@roamhq/wrtc-x'")
  expect(error.message).not.toContain('Require stack')
})

it("LH2 the loader's own words are shown", () => {
  const words = "/lib/libc.so.6: version `GLIBC_2.34' not found (required by wrtc.node)"
  const error = nativeMissing({ platform: 'linux', arch: 'x64', glibc: '2.31' }, new Error(words))
  expect(error.message).toContain(words)
})
