export const CLIENT_ID: string;
export const CLIENT_SECRET: string;
export const ALLOWED_ORG: string;
export const PEOPLE: { id: number; login: string; name: string | null; orgs: string[] }[];
export type Double = { fail: "down" | "html" | null; handle: (request: Request) => Promise<Response>; calls: string[] };
export function createGitHubDouble(options?: { now?: () => number }): Double;
export function startGitHubDouble(options?: { port?: number; now?: () => number }): Promise<{
	url: string;
	double: Double;
	end: () => Promise<void>;
}>;
export function settingsFor(url: string): Record<string, string>;
