import { safeHref } from "./link.ts";

/** What is known of a run's place at its forge. */
type AtForge = { source: string; repo: string; url: string | null; commit: string | null };

const FORGES: Record<string, string> = { github: "GitHub", gitlab: "GitLab" };

/** A forge's name as people write it; what is none is "where it ran". */
export function forgeWord(source: string): string {
	return FORGES[source] ?? "where it ran";
}

/** The address of a run's commit, made from that of the run: the same repository on the same host. Null where that is not known. */
export function commitHref({ source, url, commit }: AtForge): string | null {
	const run = safeHref(url);
	if (run === null || commit === null || !/^[0-9a-f]{7,64}$/i.test(commit)) return null;
	const [, repository] = /^(https?:\/\/.+?)\/(?:actions\/runs|-\/pipelines|-\/jobs)\//.exec(run) ?? [];
	if (repository === undefined) return null;
	return source === "gitlab" ? `${repository}/-/commit/${commit}` : source === "github" ? `${repository}/commit/${commit}` : null;
}
