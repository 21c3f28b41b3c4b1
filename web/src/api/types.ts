import type { components } from "./schema.gen";

type Schemas = components["schemas"];

/** The gateway writes every field out; protobuf's schema alone can't say so. */
type Filled<T> = { [K in keyof T]-?: NonNullable<T[K]> };
type Narrow<T, N> = Omit<T, keyof N> & N;

export type User = Narrow<
  Filled<Schemas["atrium.auth.v1.User"]>,
  { lastLogin?: string | null; settings: Record<string, unknown> }
>;
export type Session = Filled<Schemas["atrium.auth.v1.Session"]>;
export type SignedIn = { user: User; session: Session };

export type Scope = "ai" | "chat" | "ide" | "account" | "admin";
export type ApiToken = Narrow<
  Filled<Schemas["atrium.auth.v1.APIToken"]>,
  { scopes: (Scope | `${Scope}:${string}`)[]; expiresAt?: string | null; lastUsed?: string | null }
>;
export type NewApiToken = { token: string; apiToken: ApiToken };

export type Provider = Filled<Schemas["atrium.auth.v1.Provider"]>;
/** What a page for people who are not signed in has to know. */
export type SignInOptions = Narrow<
  Filled<Schemas["atrium.auth.v1.ListProvidersResponse"]>,
  { providers: Provider[] }
>;
export type Identity = Narrow<
  Filled<Schemas["atrium.auth.v1.Identity"]>,
  { lastLogin?: string | null }
>;
export type Enrolment = Filled<Schemas["atrium.auth.v1.EnrollTOTPResponse"]>;

/** What was used: int64 arrives as a string. A limit of -1 is unlimited. */
export type Allowance = Filled<Schemas["atrium.ai.v1.Allowance"]>;
export type UsageSum = Narrow<
  Filled<Schemas["atrium.ai.v1.UsageSum"]>,
  { allowance?: Allowance | null }
>;
export type AlertDelivery = Narrow<
  Filled<Schemas["atrium.ai.v1.AlertDelivery"]>,
  { channel: "webhook" | "mail"; status: "pending" | "delivered" | "failed" | "off" }
>;
export type BudgetAlert = Narrow<
  Filled<Schemas["atrium.ai.v1.BudgetAlert"]>,
  { kind: "tokens" | "budget"; deliveries: AlertDelivery[] }
>;
export type DeploymentBudget = Filled<Schemas["atrium.ai.v1.DeploymentBudget"]>;
export type UsageEntry = Filled<Schemas["atrium.ai.v1.UsageEntry"]>;
export type UsageGroup = Filled<Schemas["atrium.ai.v1.UsageGroup"]>;

/** A limit of -1 is unlimited; int64 arrives as a string. */
export type Plan = Filled<Schemas["atrium.auth.v1.Plan"]>;
export type PlanSummary = { plan: Plan; users: string | number };
export type AuditEntry = Narrow<
  Filled<Schemas["atrium.auth.v1.AuditEntry"]>,
  { metadata?: Record<string, unknown> | null }
>;

export type AnnouncementLevel = "info" | "warning" | "critical";
export type Announcement = Narrow<
  Filled<Schemas["atrium.auth.v1.Announcement"]>,
  { level: AnnouncementLevel; from?: string | null; until?: string | null }
>;

export type MessageStatus = "streaming" | "complete" | "stopped" | "interrupted" | "error";
export type Usage = Filled<Schemas["atrium.chat.v1.Usage"]>;
export type Attachment = Narrow<
  Filled<Schemas["atrium.chat.v1.Attachment"]>,
  { kind: "text" | "image" | "pdf" }
>;
export type Message = Narrow<
  Filled<Schemas["atrium.chat.v1.Message"]>,
  {
    role: "user" | "assistant" | "system";
    status: MessageStatus;
    usage?: Usage | null;
    metadata?: Record<string, unknown> | null;
    attachments?: Attachment[];
  }
>;
/** Where a snapshot can be read by whoever has its address. */
export type Share = Filled<Schemas["atrium.chat.v1.Share"]>;
export type Conversation = Narrow<
  Filled<Schemas["atrium.chat.v1.Conversation"]>,
  { metadata?: Record<string, unknown> | null; usage?: Usage | null; share?: Share | null }
>;
export type ConversationContext = Filled<Schemas["atrium.chat.v1.ConversationContext"]>;
type SharedMessage = Filled<Schemas["atrium.chat.v1.SharedMessage"]>;
export type Shared = Narrow<
  Filled<Schemas["atrium.chat.v1.Shared"]>,
  { messages: SharedMessage[] }
>;
type Highlight = Filled<Schemas["atrium.chat.v1.Highlight"]>;
export type SearchResult = Narrow<
  Filled<Schemas["atrium.chat.v1.SearchResult"]>,
  { highlights: Highlight[] }
>;
export type Prompt = Filled<Schemas["atrium.chat.v1.Prompt"]>;
export type Model = Filled<Schemas["atrium.ai.v1.Model"]>;

export type WorkspaceStatus = "stopped" | "starting" | "running" | "stopping" | "error";
export type Workspace = Narrow<
  Filled<Schemas["atrium.ide.v1.Workspace"]>,
  {
    status: WorkspaceStatus;
    lastAccessed?: string | null;
    autostopAt?: string | null;
    metadata?: Record<string, unknown> | null;
    statusCause?: { code: string; values?: Record<string, string> } | null;
  }
>;
export type WorkspaceEvent = Narrow<
  Filled<Schemas["atrium.ide.v1.Event"]>,
  { seq: string | number; status: WorkspaceStatus }
>;
export type Template = Filled<Schemas["atrium.ide.v1.Template"]>;
export type WorkspacePort = Filled<Schemas["atrium.ide.v1.Port"]>;
/** What is absent is VS Code's own default, or what it was set to there. */
export type EditorChoices = {
  fontSize?: number | null;
  tabSize?: number | null;
  insertSpaces?: boolean | null;
  wordWrap?: boolean | null;
  autoSave?: "off" | "afterDelay" | "onFocusChange" | null;
  formatOnSave?: boolean | null;
  minimap?: boolean | null;
  inlineSuggestions?: boolean | null;
  theme?: "page" | "light" | "dark" | null;
};
export type FoundFile = Filled<Schemas["atrium.ide.v1.FoundFile"]>;
export type OpenedWorkspace = Filled<Schemas["atrium.ide.v1.OpenWorkspaceResponse"]>;

/** A figure of the plan; int64 arrives as a string, and a limit of -1 is none. */
export type Meter = { used: string | number; limit: string | number; resetsAt?: string | null };
export type PlanUsage = {
  plan: string;
  aiTokens: Meter;
  ideHours: Meter;
  storageBytes: Meter;
  costUsd: string | number;
  budget: { usedUsd: number; limitUsd: number; resetsAt: string };
};

/** What is used of something, against its limit; -1 is none. */
export type WorkspaceGauge = Filled<Schemas["atrium.ide.v1.Gauge"]>;
export type WorkspaceStats = Narrow<
  Filled<Schemas["atrium.ide.v1.GetStatsResponse"]>,
  { cpu: WorkspaceGauge; memory: WorkspaceGauge; storage: WorkspaceGauge }
>;
