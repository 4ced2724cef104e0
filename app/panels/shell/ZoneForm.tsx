import { useFetcher, useLocation, useNavigate } from "@remix-run/react";
import { type FormEvent, useEffect, useState } from "react";
import { formatOffset, isTimeZone, placeOf } from "../../format/time.ts";
import { searchWith } from "../../format/view.ts";
import { preferencePath } from "../../preferences.ts";
import { buttonClass } from "../../ui/Button.tsx";
import { useNow, useZone } from "../../ui/clock.tsx";
import { TickIcon } from "../../ui/icons.tsx";
import { FIELD } from "./fields.ts";
import { todaysName, zonesFor } from "./zone-choices.ts";

/** UTC, this browser's zone, or any other by name. A plain form: without scripts the typed name counts. */
export function ZoneForm({ close }: { close: () => void }) {
	const fetcher = useFetcher({ key: "zone" });
	const navigate = useNavigate();
	const { pathname, search } = useLocation();
	const zone = useZone();
	const now = useNow();
	const [text, setText] = useState("");
	const [wrong, setWrong] = useState(false);
	// Only a browser knows where it is; the server's copy offers UTC and a field.
	const [here, setHere] = useState<{ own: string; all: string[] }>({ own: "UTC", all: [] });
	useEffect(() => {
		const own = todaysName(Intl.DateTimeFormat().resolvedOptions().timeZone);
		setHere({ own, all: Intl.supportedValuesOf("timeZone").map(todaysName) });
	}, []);
	const choices = zonesFor(text, { ...here, chosen: zone, now });
	const withoutZone = searchWith(new URLSearchParams(search), { tz: null });

	const choose = (event: FormEvent<HTMLFormElement>) => {
		event.preventDefault();
		const { submitter } = event.nativeEvent as SubmitEvent;
		const pressed = submitter instanceof HTMLButtonElement && submitter.value !== "" ? submitter.value : null;
		const chosen = pressed ?? choices.find(() => text.trim() !== "")?.zone;
		if (chosen === undefined || !isTimeZone(chosen)) return setWrong(true);
		fetcher.submit({ zone: chosen }, { method: "post", action: preferencePath("zone") });
		// A zone in the address would win over what was just chosen.
		if (withoutZone !== search) navigate({ pathname, search: withoutZone }, { replace: true, preventScrollReset: true });
		close();
	};

	return (
		<form method="post" action={preferencePath("zone")} onSubmit={choose} aria-label="Time zone">
			<input type="hidden" name="next" value={pathname + withoutZone} />
			<div className="flex gap-2 border-b border-line2 p-2">
				<input
					name="zone"
					data-first
					value={text}
					onChange={(event) => {
						setText(event.target.value);
						setWrong(false);
					}}
					placeholder="City or zone, such as Berlin"
					aria-label="Find a time zone"
					aria-invalid={wrong}
					autoComplete="off"
					spellCheck={false}
					className={FIELD}
				/>
				<button type="submit" className={buttonClass()}>
					Use
				</button>
			</div>
			<ul className="max-h-72 overflow-y-auto overscroll-contain p-1">
				{choices.map((choice) => (
					<li key={choice.zone}>
						<button
							type="submit"
							name="zone"
							value={choice.zone}
							aria-pressed={choice.zone === zone}
							className="target flex min-h-8 w-full items-center gap-2 rounded-ctl px-2.5 text-left text-body text-t2 hover:bg-s2 hover:text-t1 aria-pressed:font-medium aria-pressed:text-t1"
						>
							<span className="min-w-0 truncate">{choice.words}</span>
							<span className="ml-auto shrink-0 text-sec text-t3">{choice.offset}</span>
							{choice.zone === zone && <TickIcon className="size-4 text-acc" />}
						</button>
					</li>
				))}
				{choices.length === 0 && (
					<li role="status" className="px-2.5 py-2 text-sec text-t2">
						No time zone has “{text.trim()}” in its name. Try a larger city nearby.
					</li>
				)}
			</ul>
			<p className="border-t border-line2 px-3 py-2 text-sec text-t3">
				Times are shown in {placeOf(zone)} ({formatOffset(zone, now)}). UTC is behind every time.
			</p>
		</form>
	);
}
