/**
 * Which STUN and TURN servers this device may ask (rule CL8): none unless a person names them. A URL
 * never carries credentials, because a command line is seen by every user of the machine; they come
 * from the environment or from a file that only its owner can read.
 */
import { statSync } from 'node:fs'
import { BatonError } from '@baton/shared/errors'
import * as z from 'zod/mini'
import type { IceServer, IceSettings } from '../core/ports/channel.ts'
import { readPrivateFile } from './private-folder.ts'

export const icePolicies = ['auto', 'direct', 'relay'] as const

const maxServers = 16
const maxFileBytes = 16 * 1024
const iceUrl =
  /^(stun|stuns|turn|turns):(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(?::([1-9][0-9]{0,4}))?(\?transport=(?:udp|tcp))?$/i

const text = z.string().check(z.minLength(1), z.maxLength(512))
const fileShape = z
  .array(
    z.object({
      urls: z.union([text, z.array(text).check(z.minLength(1), z.maxLength(8))]),
      username: z.optional(text),
      credential: z.optional(text),
    }),
  )
  .check(z.maxLength(maxServers))

/**
 * `named`: URLs, or paths of JSON files in the form of RTCPeerConnection's `iceServers`. A TURN URL
 * takes BATON_TURN_USERNAME and BATON_TURN_CREDENTIAL. Throws `invalid` or `keyring-mode`, quoting no
 * credential.
 */
export function parseIce(
  named: readonly string[],
  policy: IceSettings['policy'],
  env: { readonly BATON_TURN_USERNAME?: string; readonly BATON_TURN_CREDENTIAL?: string },
): IceSettings {
  const servers = named.flatMap((each) =>
    /^(stuns?|turns?):/i.test(each) ? [fromUrl(each, env)] : fromFile(each),
  )
  if (servers.length > maxServers) throw refused(`at most ${maxServers} servers`, 'name fewer')
  if (policy === 'relay' && !servers.some(isTurn)) {
    throw refused('policy relay needs a TURN server', 'name one with --ice turn:host:port')
  }
  return { servers, policy }
}

const isTurn = ({ urls }: IceServer) => [urls].flat().some((url) => /^turns?:/i.test(url))

function fromUrl(url: string, env: Parameters<typeof parseIce>[2]): IceServer {
  checkUrl(url)
  if (!isTurn({ urls: url })) return { urls: url }
  const { BATON_TURN_USERNAME: username, BATON_TURN_CREDENTIAL: credential } = env
  if (!username || !credential) {
    throw refused(
      'a TURN server needs credentials',
      'set BATON_TURN_USERNAME and BATON_TURN_CREDENTIAL, or name a JSON file that holds them',
    )
  }
  return { urls: url, username, credential }
}

function fromFile(path: string): IceServer[] {
  // A folder is told here: what guards keys would say to remove it.
  const content = isFolder(path) ? undefined : readPrivateFile(path, maxFileBytes)
  if (content === undefined) {
    throw refused(
      'it is neither a stun: or turn: URL nor a file',
      'like stun:stun.example.org:3478',
    )
  }
  const parsed = fileShape.safeParse(parseJson(content))
  if (!parsed.success) {
    throw refused(
      'the file is not a list of servers',
      'like [{"urls": "turn:host:3478", "username": "...", "credential": "..."}]',
    )
  }
  return parsed.data.map(({ urls, username, credential }) => {
    for (const url of [urls].flat()) checkUrl(url)
    const server = {
      urls,
      ...(username === undefined ? {} : { username }),
      ...(credential === undefined ? {} : { credential }),
    }
    if (isTurn(server) && !(username && credential)) {
      throw refused('a TURN server needs credentials', 'give it a "username" and a "credential"')
    }
    return server
  })
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    // Whatever is wrong with it is told by whoever opens it.
    return false
  }
}

function checkUrl(url: string): void {
  const match = iceUrl.exec(url)
  const [, scheme = '', port = '1', transport] = match ?? []
  const fits = match !== null && Number(port) <= 65_535
  if (fits && !(transport !== undefined && /^stun/i.test(scheme))) return
  throw refused(
    url.includes('@') ? 'a URL must not carry credentials' : 'it is not a stun: or turn: URL',
    url.includes('@')
      ? 'put them into BATON_TURN_USERNAME and BATON_TURN_CREDENTIAL'
      : 'like stun:stun.example.org:3478',
  )
}

function parseJson(content: string): unknown {
  try {
    return JSON.parse(content)
  } catch {
    // The parser would quote the file.
    return undefined
  }
}

const refused = (why: string, hint: string): BatonError =>
  new BatonError('invalid', `failed to read the ICE servers: ${why}`, { hint })
