import { Link, useLocation, useNavigate } from "@remix-run/react";
import { type FormEvent, useState } from "react";
import { readRange } from "../../format/range-input.ts";
import { formatTyped } from "../../format/time.ts";
import { momentsOf, RANGES, rangeOf, searchForRange } from "../../format/view.ts";
import { useNow, useZone } from "../../ui/clock.tsx";
import { TickIcon } from "../../ui/icons.tsx";
import { RangeFields } from "./RangeFields.tsx";

/** The ranges as links, and two times to type for any other. What is typed is as of the opening; nothing overwrites it. */
export function RangeForm({ close }: { close: () => void }) {
	const { pathname, search } = useLocation();
	const params = new URLSearchParams(search);
	const current = rangeOf(params);
	const navigate = useNavigate();
	const zone = useZone();
	const now = useNow();
	const [typed] = useState(() => {
		const { from, to } = momentsOf(current, now);
		return { from: formatTyped(from, zone), to: to === null ? formatTyped(now, zone) : formatTyped(to, zone), zone };
	});
	const [wrong, setWrong] = useState<{ from?: string; to?: string }>({});

	const apply = (event: FormEvent<HTMLFormElement>) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget);
		const read = readRange({ from: String(form.get("from")), to: String(form.get("to")) }, { now: Date.now(), zone: typed.zone });
		if (!read.ok) {
			setWrong(read.fields);
			event.currentTarget.querySelector<HTMLElement>(`[name=${read.fields.from ? "from" : "to"}]`)?.focus();
			return;
		}
		navigate({ pathname, search: searchForRange(params, read.range) }, { preventScrollReset: true });
		close();
	};

	return (
		<>
			<ul className="p-1" aria-label="Time range">
				{RANGES.map((range, index) => (
					<li key={range.from}>
						<Link
							to={{ search: searchForRange(params, range) }}
							preventScrollReset
							onClick={close}
							aria-current={range === current ? "true" : undefined}
							data-first={index === 0 ? true : undefined}
							className="target flex h-8 items-center gap-2 rounded-ctl px-2.5 text-body text-t2 hover:bg-s2 hover:text-t1 aria-[current=true]:font-medium aria-[current=true]:text-t1"
						>
							{range.words}
							{range === current && <TickIcon className="ml-auto size-4 text-acc" />}
						</Link>
					</li>
				))}
			</ul>
			<form
				method="post"
				action="/settings/range"
				noValidate
				onSubmit={apply}
				aria-label="Custom range"
				className="border-t border-line2 p-3"
			>
				<RangeFields typed={{ ...typed, next: pathname + search }} wrong={wrong} isShown={current.label === "Custom"} />
			</form>
		</>
	);
}
