/** Lines of the control socket as they are read. */
import { parseLines } from '@baton/client/node/control/lines'
import { expect, it } from 'vitest'

async function* chunks(...texts: string[]) {
  for (const text of texts) yield new TextEncoder().encode(text)
}

async function read(source: AsyncIterable<Uint8Array>): Promise<unknown[]> {
  const lines: unknown[] = []
  for await (const line of parseLines(source, 10)) lines.push(line)
  return lines
}

it('CS4 a line that does not end is read up to the bound', async () => {
  expect(await read(chunks('[1]\n"123', '45678"\n'))).toEqual([[1], '12345678'])
  await expect(read(chunks('"12345', '67890', '12345"\n'))).rejects.toMatchObject({
    code: 'too-large',
  })
})
