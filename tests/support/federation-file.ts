/** The status file of a federation as its tools write it, with two spaces of indent. */
export const federationText = `{
  "session_id": "sess-20260206-abc123",
  "created_at": "2026-02-06T10:00:00Z",
  "updated_at": "2026-02-06T15:30:00Z",
  "owner": "kimi",
  "sprint": "7-day-router-optimization",
  "status": "active",
  "agents": {
    "kimi": {
      "status": "active",
      "current_task": "Testing neural router Tier 1",
      "last_seen": "2026-02-06T15:30:00Z",
      "workspace": "~/kimi-code-folder/"
    },
    "claude": {
      "status": "idle",
      "current_task": null,
      "last_seen": "2026-02-06T14:00:00Z"
    },
    "codex": {
      "status": "active",
      "current_task": "Autonomous module implementation",
      "last_seen": "2026-02-06T15:15:00Z",
      "workspace": "~/codex-code-folder/"
    },
    "copilot": {
      "status": "standby",
      "current_task": null,
      "last_seen": "2026-02-06T12:00:00Z"
    },
    "ollama": {
      "status": "available",
      "model": "mistral:latest",
      "last_seen": "2026-02-06T15:30:00Z"
    }
  },
  "tasks": [
    {
      "id": "task-001",
      "description": "Implement Ollama Tier 1 embeddings",
      "assigned_to": "kimi",
      "status": "in_progress",
      "priority": "high",
      "created_at": "2026-02-06T10:00:00Z"
    },
    {
      "id": "task-002",
      "description": "Design cross-platform sync",
      "assigned_to": "kimi",
      "status": "completed",
      "priority": "high",
      "created_at": "2026-02-06T11:00:00Z",
      "completed_at": "2026-02-06T15:30:00Z"
    }
  ],
  "router": {
    "version": "v3",
    "accuracy": 0.357,
    "tier": 2,
    "pending_eval": true
  }
}`

type Json = Record<string, unknown>
interface Example {
  sprint: string
  updated_at: string
  agents: { kimi?: Json; codex?: Json; new?: Json }
  tasks: Json[]
  router: Json
}
/** Parsed anew each time, to be changed. */
export const example = (): Example => JSON.parse(federationText)
