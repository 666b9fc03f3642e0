/** Counts for an operator, as Prometheus text (rule SV19): no address, no id, no size of one thing. */
export interface Metrics {
  count(operation: string, outcome: string): void
  text(): string
}

export function createMetrics(gauges: Readonly<Record<string, () => number>>): Metrics {
  const counts = new Map<string, number>()
  return {
    count(operation, outcome) {
      const key = `operation="${operation}",outcome="${outcome}"`
      counts.set(key, (counts.get(key) ?? 0) + 1)
    },
    text() {
      const lines = Object.entries(gauges).flatMap(([name, read]) => [
        `# TYPE baton_signaling_${name} gauge`,
        `baton_signaling_${name} ${read()}`,
      ])
      lines.push('# TYPE baton_signaling_requests_total counter')
      for (const [key, value] of counts) {
        lines.push(`baton_signaling_requests_total{${key}} ${value}`)
      }
      return `${lines.join('\n')}\n`
    },
  }
}
