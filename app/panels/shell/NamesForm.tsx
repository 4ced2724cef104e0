import { Link, useLocation, useNavigate } from "@remix-run/react";
import { type FormEvent, useRef, useState } from "react";
import { readFilters, searchWith } from "../../format/view.ts";
import { Button, buttonClass } from "../../ui/Button.tsx";
import { FIELD } from "./fields.ts";
import { choicesOf, type Name, type NameField } from "./filter-words.ts";

const WORDS = {
	repo: { one: "repository", many: "repositories", title: "Repositories" },
	wf: { one: "workflow", many: "workflows", title: "Workflows" },
} as const;

/** Tick repositories or workflows. A plain GET form, so that it works without scripts; what it offers is as of its opening. */
export function NamesForm({ field, names, close }: { field: NameField; names: readonly Name[]; close: () => void }) {
	const { pathname, search } = useLocation();
	const navigate = useNavigate();
	const list = useRef<HTMLUListElement>(null);
	const [{ choices, chosen, rest }] = useState(() => atOpening(field, names, search));
	const [sought, setSought] = useState("");
	const words = WORDS[field];
	const matches = (name: string) => name.toLowerCase().includes(sought.trim().toLowerCase());
	const found = choices.filter(matches).length;

	const apply = (event: FormEvent<HTMLFormElement>) => {
		event.preventDefault();
		const ticked = new FormData(event.currentTarget).getAll(field).map(String);
		// Onto the address as it is now: another filter may have changed since.
		navigate({ pathname, search: searchWith(new URLSearchParams(search), { [field]: ticked }) }, { preventScrollReset: true });
		close();
	};

	return (
		<form method="get" action={pathname} onSubmit={apply} aria-label={words.title} className="flex min-h-0 flex-col">
			{rest.map(([key, value]) => (
				<input key={`${key}=${value}`} type="hidden" name={key} value={value} />
			))}
			<div className="needs-script border-b border-line2 p-2">
				<input
					type="search"
					data-first
					value={sought}
					onChange={(event) => setSought(event.target.value)}
					onKeyDown={(event) => {
						if (event.key !== "ArrowDown") return;
						event.preventDefault();
						list.current?.querySelector<HTMLElement>("li:not([hidden]) input")?.focus();
					}}
					placeholder={`Find a ${words.one}`}
					aria-label={`Find a ${words.one}`}
					className={FIELD}
				/>
			</div>
			<ul ref={list} className="max-h-72 min-h-10 overflow-y-auto overscroll-contain p-1">
				{choices.map((name) => (
					// Hidden and not left out: what is ticked stays ticked while something else is sought.
					<li key={name} hidden={!matches(name)}>
						<label className="target flex min-h-8 items-center gap-2.5 rounded-ctl px-2 text-body hover:bg-s2">
							<input
								type="checkbox"
								name={field}
								value={name}
								defaultChecked={chosen.includes(name)}
								className="size-4 shrink-0 accent-acc-fill"
							/>
							<span className="min-w-0 truncate" title={name}>
								{name}
							</span>
						</label>
					</li>
				))}
				{choices.length === 0 && <li className="px-2 py-2 text-sec text-t3">No {words.many} yet: none has reported a run.</li>}
				{choices.length > 0 && found === 0 && (
					<li className="px-2 py-2 text-sec text-t3">
						No {words.one} has “{sought.trim()}” in its name.
					</li>
				)}
			</ul>
			<div className="flex items-center justify-end gap-2 border-t border-line2 p-2">
				{chosen.length > 0 && (
					<Link
						to={{ search: searchWith(new URLSearchParams(search), { [field]: null }) }}
						preventScrollReset
						onClick={close}
						className={buttonClass({ tone: "quiet" })}
					>
						Clear
					</Link>
				)}
				<Button type="submit" tone="primary">
					Apply
				</Button>
			</div>
		</form>
	);
}

function atOpening(field: NameField, names: readonly Name[], search: string) {
	const params = new URLSearchParams(search);
	const filters = readFilters(params);
	return {
		choices: choicesOf(names, field, filters),
		chosen: field === "repo" ? filters.repos : filters.workflows,
		rest: [...params].filter(([key]) => key !== field && key !== "cursor"),
	};
}
