import type { Viewer } from "#worker/wire/deployments";
import { Button } from "../../ui/Button.tsx";
import { EyeIcon, TicksIcon } from "../../ui/icons-more.tsx";

type Props = { viewers: readonly Viewer[]; me: string; onHandle: (isHandling: boolean) => void; isLive: boolean };

/** Who else looks at this now, who takes care of it, and saying that one does. */
export function Presence({ viewers, me, onHandle, isLive }: Props) {
	const isMine = viewers.some(({ who, isHandling }) => who.id === me && isHandling);
	const handlers = namesOf(viewers.filter(({ who, isHandling }) => isHandling && who.id !== me));
	const others = namesOf(viewers.filter(({ who, isHandling }) => !isHandling && who.id !== me)).filter((name) => !handlers.includes(name));
	return (
		<div className="flex min-h-8 flex-wrap items-center gap-x-4 gap-y-1 text-sec text-t2">
			{handlers.length > 0 && (
				<span className="inline-flex items-center gap-1.5 font-medium text-t1">
					<TicksIcon className="size-4 text-ok" />
					{listed(handlers)} {handlers.length === 1 ? "has" : "have"} it
				</span>
			)}
			<span aria-live="polite" className="inline-flex min-w-0 items-center gap-1.5">
				<EyeIcon className="size-4 text-t3" />
				{others.length === 0 ? "Nobody else is looking" : `${listed(others)} ${others.length === 1 ? "is" : "are"} looking`}
			</span>
			<Button size="sm" disabled={!isLive} aria-pressed={isMine} onClick={() => onHandle(!isMine)} className="needs-script">
				{isMine ? "You have it" : "I have it"}
			</Button>
		</div>
	);
}

function namesOf(viewers: readonly Viewer[]): string[] {
	return [...new Set(viewers.map(({ who }) => who.name))];
}

/** `Maya`, `Maya and Lee`, `Maya, Lee and 3 more`. */
function listed(names: readonly string[]): string {
	if (names.length <= 2) return names.join(" and ");
	return names.length === 3 ? `${names[0]}, ${names[1]} and ${names[2]}` : `${names[0]}, ${names[1]} and ${names.length - 2} more`;
}
