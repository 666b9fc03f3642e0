/** A relay that keeps every byte that passes it, as text (latin1). */
import { type AddressInfo, connect, createServer } from 'node:net'

export interface Recorder {
  readonly port: number
  readonly url: string
  /** What clients said, connection after connection. */
  said(): string
  heard(): string
  /** Both ways of each connection, oldest first. */
  connections(): readonly { readonly said: Buffer; readonly heard: Buffer }[]
  /** Begins anew. */
  forget(): void
  close(): Promise<void>
}

export async function startRecorder(): Promise<Recorder & { to(port: number): void }> {
  const said: Buffer[][] = []
  const heard: Buffer[][] = []
  let target = 0
  const server = createServer((client) => {
    const up: Buffer[] = []
    const down: Buffer[] = []
    said.push(up)
    heard.push(down)
    const service = connect(target, '127.0.0.1')
    client.on('data', (data) => up.push(data))
    service.on('data', (data) => down.push(data))
    client.on('error', () => service.destroy())
    service.on('error', () => client.destroy())
    client.pipe(service).pipe(client)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const text = (all: Buffer[][]) =>
    all.map((each) => Buffer.concat(each).toString('latin1')).join('\n')
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    to(real) {
      target = real
    },
    said: () => text(said),
    heard: () => text(heard),
    connections: () =>
      said.map((up, i) => ({ said: Buffer.concat(up), heard: Buffer.concat(heard[i] ?? []) })),
    forget() {
      for (const each of [...said, ...heard]) each.length = 0
    },
    close: () => new Promise((resolve) => server.close(() => resolve())),
  }
}
