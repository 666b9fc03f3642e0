/** Reads the published vectors beside this file. */
import { readFileSync } from 'node:fs'

export function vectors<T>(name: string): T {
  const url = new URL(`vectors/${name}.json`, import.meta.url)
  return JSON.parse(readFileSync(url, 'utf8')) as T
}
