import { BanIcon, RingTickIcon, StopIcon } from "../../ui/icons.tsx";
import { Badge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";

/** The entries' columns where there is room for them; lines of their own elsewhere. */
export const AUDIT_COLUMNS =
	"max-md:flex max-md:flex-wrap max-md:items-baseline max-md:gap-x-2 max-md:gap-y-0.5 md:grid md:items-center md:gap-x-3 md:grid-cols-[2.5rem_5.5rem_minmax(0,12rem)_minmax(0,11rem)_minmax(0,1fr)_9.5rem]";

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

/** From which version to which, where an act was about that. */
function versionsOf({ before, after }: AuditEntryShown): string | null {
	const [from, to] = [versionIn(before), versionIn(after)];
	return from !== null && to !== null ? `${from} → ${to}` : null;
}

function versionIn(text: string | null): string | null {
	try {
		const { version } = JSON.parse(text ?? "{}") as { version?: unknown };
		return typeof version === "string" ? version : null;
	} catch {
		return null;
	}
}

/** One entry: who, what, to what, when; everything else behind it. */
export function AuditRow({ entry, isBad }: { entry: AuditEntryShown; isBad: boolean }) {
	const { no, at, actor, actor_name, role, act, object, outcome } = entry;
	const versions = versionsOf(entry);
	const facts: [string, string | null][] = [
		["Before", entry.before],
		["After", entry.after],
		["Reason", entry.reason],
		["From", entry.address],
		["Request", entry.request_id],
		["Hash", entry.hash || "older than the chain"],
	];
	return (
		<li id={`entry-${no}`} className={`relative ${isBad ? "bg-bad-bg" : ""}`}>
			<details>
				<summary className={`target cursor-pointer list-none px-3.5 py-2 text-body hover:bg-s2 ${AUDIT_COLUMNS}`}>
					<span className="text-sec text-t3">{no}</span>
					<span className="text-sec text-t2">
						<TimeText at={at} />
					</span>
					<span className="min-w-0 truncate font-medium max-md:order-first max-md:basis-full max-md:pr-32">
						{actor_name ?? actor}
						{role !== null && <span className="font-normal text-t3"> {role}</span>}
					</span>
					<code className="min-w-0 truncate font-mono text-mono">{act}</code>
					<span className="min-w-0 truncate text-sec text-t2 max-md:basis-full">
						<span className="font-mono text-mono text-t3">{object}</span>
						{versions !== null && ` · ${versions}`}
						{entry.reason !== null && ` · ${entry.reason}`}
					</span>
					<span className="flex flex-wrap gap-1.5 max-md:absolute max-md:top-2 max-md:right-3.5 max-md:flex-col max-md:items-end md:justify-end">
						{isBad && <Badge word="Breaks the chain" tint="bg-bad-bg text-bad" Icon={StopIcon} />}
						{outcome === "denied" ? (
							<Badge word="Refused" tint="bg-warn-bg text-warn" Icon={BanIcon} />
						) : (
							<Badge word="Done" tint="bg-ok-bg text-ok" Icon={RingTickIcon} />
						)}
					</span>
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
