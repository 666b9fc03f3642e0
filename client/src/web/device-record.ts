/** What this browser is and can do, in the words of the roster (rule RS5), and what people call it. */
import type { Capability, DeviceRecord, DeviceType } from '@baton/shared/roster/record'

/** What is used of `navigator`; the hints are Chromium's own. */
export interface Agent {
  readonly userAgent: string
  readonly maxTouchPoints: number
  readonly userAgentData?: { readonly mobile: boolean; readonly platform: string }
}

export const detectPage = (agent: Agent): DeviceRecord => ({
  type: typeOf(agent),
  capabilities: [
    has('webrtc', 'RTCPeerConnection' in globalThis),
    has('real_time_sync', true),
    has('indexeddb', 'indexedDB' in globalThis),
    has('session_import', false),
    has('speech_recognition', 'webkitSpeechRecognition' in globalThis),
    has('voice_input', false),
  ],
})

const has = (name: string, supported: boolean): Capability => ({ name, version: '', supported })

function typeOf({ userAgent, userAgentData, maxTouchPoints }: Agent): DeviceType {
  if (/iPad|Tablet/.test(userAgent) || (/Macintosh/.test(userAgent) && maxTouchPoints > 1)) {
    return 'tablet'
  }
  return (userAgentData?.mobile ?? /Mobi|Android/.test(userAgent)) ? 'mobile' : 'desktop'
}

/** Like "Chromium 156" and "Linux": from words that browsers still send, as far as they are true. */
export function describeAgent({ userAgent }: Agent): {
  readonly browser: string
  readonly system: string
} {
  const [, version] = /(?:Firefox|Chrome|Version)\/(\d+)/.exec(userAgent) ?? []
  const browser = browsers.find(([word]) => userAgent.includes(word))?.[1] ?? 'Browser'
  const system = systems.find(([word]) => userAgent.includes(word))?.[1] ?? 'unknown system'
  return { browser: version === undefined ? browser : `${browser} ${version}`, system }
}

const browsers = [
  ['Edg/', 'Edge'],
  ['Firefox/', 'Firefox'],
  ['Chrome/', 'Chrome'],
  ['Safari/', 'Safari'],
] as const
const systems = [
  ['Android', 'Android'],
  ['iPhone', 'iOS'],
  ['iPad', 'iPadOS'],
  ['Windows', 'Windows'],
  ['Macintosh', 'macOS'],
  ['CrOS', 'ChromeOS'],
  ['Linux', 'Linux'],
] as const
