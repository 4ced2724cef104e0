import { redact } from "../domains/redaction/mask.ts";
import { type AgentMessage, DIFFERENCE_LINE_CHARS, type Revision, type WorkloadReport } from "../wire/agent.ts";

/**
 * What an agent says in words, without the secrets that somebody wrote where they do not belong: an event's message, a change-cause, a
 * variable. Names and images are left as they are, because versions are found by them.
 */
export function withoutSecrets(message: AgentMessage): AgentMessage {
	switch (message.type) {
		case "progress":
			return { ...message, sentence: masked(message.sentence) };
		case "result":
			return { ...message, message: masked(message.message), changes: message.changes.map(maskLine) };
		case "report": {
			const { cluster, workloads } = message;
			const warnings = cluster?.warnings.map((warning) => ({ ...warning, message: masked(warning.message) })) ?? [];
			return { ...message, workloads: workloads.map(maskWorkload), cluster: cluster && { ...cluster, warnings } };
		}
		default:
			return message;
	}
}

function masked<T extends string | null>(text: T): T {
	// safe because a text stays a text
	return (text === null ? null : redact(text).text) as T;
}

function maskWorkload(workload: WorkloadReport): WorkloadReport {
	return {
		...workload,
		sentence: masked(workload.sentence),
		revisions: workload.revisions.map(maskRevision),
		badPods: workload.badPods.map((pod) => ({ ...pod, sentence: masked(pod.sentence) })),
	};
}

function maskRevision({ differs, ...revision }: Revision): Revision {
	const changeCause = masked(revision.changeCause);
	return differs === undefined ? { ...revision, changeCause } : { ...revision, changeCause, differs: differs.map(maskLine) };
}

/**
 * A line of a diff without its secrets. Only where it quotes a value does the name before it tell anything: `TOKEN: from secret a/b` says
 * where one is, and not what.
 */
export function maskLine(line: string): string {
	const [, start = "", name = "", value = line] = /^([ +-]\s*)([^\s:]+): (.*)$/s.exec(line) ?? [];
	if (name === "image") return line;
	const isQuoted = /^["[]/.test(value);
	const text = isQuoted ? redact(line).text : start + (name && `${name}: `) + redact(value).text;
	return text.slice(0, DIFFERENCE_LINE_CHARS).toWellFormed();
}
