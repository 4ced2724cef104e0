import { BanIcon, RingTickIcon, StopIcon } from "../../ui/icons.tsx";
import { Badge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";

/** An entry as the page is sent it; `before` and `after` are JSON texts. */
export type AuditEntryShown = {
	no: number;
	at: number;
	actor: string;
	actor_name: string | null;
	role: string | null;
	act: string;
	object: string;
	before: string | null;
	after: string | null;
	reason: string | null;
	request_id: string | null;
	address: string | null;
	outcome: "done" | "denied";
	hash: string;
};

/** One entry: who, what, to what, when; everything else behind it. */
export function AuditRow({ entry, isBad }: { entry: AuditEntryShown; isBad: boolean }) {
	const { no, at, actor, actor_name, role, act, object, outcome } = entry;
	const facts: [string, string | null][] = [
		["Before", entry.before],
		["After", entry.after],
		["Reason", entry.reason],
		["From", entry.address],
		["Request", entry.request_id],
		["Hash", entry.hash || "older than the chain"],
	];
	return (
		<li id={`entry-${no}`} className={isBad ? "bg-bad-bg" : undefined}>
			<details>
				<summary className="target flex cursor-pointer flex-wrap items-center gap-x-3 gap-y-1 px-3.5 py-2 text-body hover:bg-s2">
					<span className="w-12 shrink-0 text-sec text-t3">{no}</span>
					<span className="shrink-0 text-sec text-t2">
						<TimeText at={at} />
					</span>
					<span className="min-w-0 truncate font-medium">
						{actor_name ?? actor}
						{role !== null && <span className="font-normal text-t3"> {role}</span>}
					</span>
					<code className="min-w-0 truncate font-mono text-mono">{act}</code>
					<span className="min-w-0 flex-1 truncate font-mono text-mono text-t3">{object}</span>
					{isBad && <Badge word="Breaks the chain" tint="bg-bad-bg text-bad" Icon={StopIcon} />}
					{outcome === "denied" ? (
						<Badge word="Refused" tint="bg-warn-bg text-warn" Icon={BanIcon} />
					) : (
						<Badge word="Done" tint="bg-ok-bg text-ok" Icon={RingTickIcon} />
					)}
				</summary>
				<dl className="grid gap-x-4 gap-y-1 px-3.5 pb-2.5 sm:pl-18">
					{facts
						.filter(([, value]) => value !== null)
						.map(([words, value]) => (
							<div key={words} className="flex min-w-0 gap-2 text-sec">
								<dt className="w-16 shrink-0 text-t3">{words}</dt>
								<dd className="min-w-0 font-mono break-all">{value}</dd>
							</div>
						))}
				</dl>
			</details>
		</li>
	);
}
