/** The service's options from the environment of its process (rule SV20). */
import { BatonError } from '@baton/shared/errors'
import * as z from 'zod/mini'
import type { SignalingOptions } from './signaling.ts'

const list = z.pipe(
  z._default(z.string(), ''),
  z.transform((text) => text.split(',').flatMap((item) => item.trim() || [])),
)
const number = (max: number) =>
  z.pipe(
    z.string().check(z.regex(/^\d{1,9}$/)),
    z.pipe(z.transform(Number), z.int().check(z.maximum(max))),
  )

const environment = z.object({
  /** Address to bind. */
  BATON_SIGNAL_HOST: z._default(z.string(), '127.0.0.1'),
  BATON_SIGNAL_PORT: z._default(number(65_535), 7370),
  /** Hosts clients use, when they are not the address itself: `signal.example.org`. */
  BATON_SIGNAL_NAMES: list,
  /** Origins of web pages and extensions that may call. */
  BATON_SIGNAL_ORIGINS: list,
  /** Addresses or networks of the reverse proxies in front. */
  BATON_SIGNAL_PROXIES: list,
  /** `public`: `/metrics` for everyone. */
  BATON_SIGNAL_METRICS: z._default(z.enum(['local', 'public']), 'local'),
  BATON_SIGNAL_SLOTS: z.optional(number(1_000_000)),
  BATON_SIGNAL_MAILBOXES: z.optional(number(10_000_000)),
  BATON_SIGNAL_STREAMS: z.optional(number(1_000_000)),
})

/** Options from an environment; throws `invalid`, naming the variable and not its value. */
export function parseEnvironment(env: NodeJS.ProcessEnv): SignalingOptions {
  const parsed = environment.safeParse(env)
  if (!parsed.success) {
    const names = parsed.error.issues.map((issue) => String(issue.path[0]))
    throw new BatonError('invalid', `failed to read ${names.join(', ')}`)
  }
  const { data } = parsed
  return {
    host: data.BATON_SIGNAL_HOST,
    port: data.BATON_SIGNAL_PORT,
    names: data.BATON_SIGNAL_NAMES,
    origins: data.BATON_SIGNAL_ORIGINS,
    proxies: data.BATON_SIGNAL_PROXIES,
    publicMetrics: data.BATON_SIGNAL_METRICS === 'public',
    limits: {
      ...(data.BATON_SIGNAL_SLOTS && { slots: data.BATON_SIGNAL_SLOTS }),
      ...(data.BATON_SIGNAL_MAILBOXES && { mailboxes: data.BATON_SIGNAL_MAILBOXES }),
      ...(data.BATON_SIGNAL_STREAMS && { streams: data.BATON_SIGNAL_STREAMS }),
    },
  }
}
