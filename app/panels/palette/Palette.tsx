import { useNavigate } from "@remix-run/react";
import { Command } from "cmdk";
import { type ComponentType, type ReactNode, useEffect, useRef, useState } from "react";
import { RUN_STATUSES, type RunStatus } from "#worker/wire/events";
import { RANGES } from "../../format/view.ts";
import {
	CalendarIcon,
	CollapseIcon,
	type IconProps,
	LinkIcon,
	MoonIcon,
	RefreshIcon,
	ScreenIcon,
	SearchIcon,
	SignOutIcon,
	SunIcon,
	ZoneIcon,
} from "../../ui/icons.tsx";
import { BranchIcon, KeyboardIcon, UndoIcon } from "../../ui/icons-more.tsx";
import { Kbd } from "../../ui/Kbd.tsx";
import { RunStatusBadge } from "../../ui/Status.tsx";
import { TimeText } from "../../ui/TimeText.tsx";
import { useRollbackDesk } from "../rollback/rollback-book.ts";
import type { Commands } from "../shell/commands.ts";
import { choicesOf, type Name } from "../shell/filter-words.ts";
import { type NavPage, PAGES, SETTINGS_PAGE } from "../shell/pages.ts";
import { keysOf, type ShortcutId } from "../shell/shortcuts.ts";
import { DEMO_PAGE, INNER_PAGES } from "./inner-pages.ts";
import { answersTo, readQuery } from "./palette-entries.ts";
import { useFoundRuns } from "./use-found-runs.ts";
import { useRollbackEntries } from "./use-rollback-entries.ts";

/** So many rollbacks are offered at once, those of what fails first; more letters find the others. */
const ROLLBACKS_SHOWN = 5;

/** So many names are offered at once; more letters find the others. */
const NAMES_SHOWN = 6;

/** Its key where it has one, its words, its icon, what it does. */
type Action = [ShortcutId | null, string, ComponentType<IconProps>, () => unknown];

type PaletteProps = {
	isOpen: boolean;
	/** What to begin with; null keeps what was typed the last time. */
	query: string | null;
	/** `goesOn` says that something was chosen, so that the focus belongs elsewhere than where it was. */
	close: (goesOn: boolean) => void;
	team: string;
	names: readonly Name[];
	hasDemo: boolean;
	isMac: boolean;
	commands: Commands;
};

/** Everything by name: pages, runs, filters, actions. The browser's own dialog, so that the rest of the page is out of reach. */
export default function Palette({ isOpen, query, close, team, names, hasDemo, isMac, commands }: PaletteProps) {
	const dialog = useRef<HTMLDialogElement>(null);
	const input = useRef<HTMLInputElement>(null);
	const [text, setText] = useState(query ?? "");
	const navigate = useNavigate();
	const { scope, words } = readQuery(text);
	const found = useFoundRuns(team, isOpen && scope !== "actions" ? words : "");

	useEffect(() => {
		if (!isOpen) return dialog.current?.close();
		if (query !== null) setText(query);
		dialog.current?.showModal();
		input.current?.focus();
		// What was sought the last time is there to go on from, and gone with the first letter.
		input.current?.select();
	}, [isOpen, query]);

	const run = (act: () => unknown) => () => {
		close(true);
		// After the dialog has gone: what opens now may take the focus.
		setTimeout(act, 0);
	};
	const actions: Action[] = [
		...RANGES.map((range) => [null, `Show the l${range.words.slice(1)}`, CalendarIcon, () => commands.showRange(range)] satisfies Action),
		["range", "Choose the time range…", CalendarIcon, commands.openRange],
		["zone", "Choose the time zone…", ZoneIcon, commands.openZone],
		[null, "Copy link to exactly this", LinkIcon, commands.copyLink],
		[null, "Refresh", RefreshIcon, commands.refresh],
		["nav", "Narrow or widen the navigation", CollapseIcon, commands.toggleNav],
		["theme", "Dark theme", MoonIcon, () => commands.setTheme("dark")],
		["theme", "Light theme", SunIcon, () => commands.setTheme("light")],
		[null, "Theme as the system", ScreenIcon, () => commands.setTheme("system")],
		["sheet", "Show all keys…", KeyboardIcon, commands.openSheet],
		[null, "Sign out", SignOutIcon, commands.signOut],
	];
	const desk = useRollbackDesk();
	const rollbacks = useRollbackEntries(team, isOpen)
		.filter((entry) => scope !== "runs" && (words === "" ? entry.isFailing : answersTo(entry.words, words)))
		.sort((a, b) => Number(b.isFailing) - Number(a.isFailing))
		.slice(0, ROLLBACKS_SHOWN);
	const isAll = scope === "all";
	const known: (Omit<NavPage, "key"> & { key?: string })[] = [...PAGES, SETTINGS_PAGE, ...INNER_PAGES, ...(hasDemo ? [DEMO_PAGE] : [])];
	const pages = isAll ? known.filter(({ word }) => answersTo(word, words)) : [];
	const acts = scope !== "runs" ? actions.filter(([, word]) => answersTo(word, words)) : [];
	// Names are for seeking: unasked they would push everything else out of sight.
	const offered = (field: "repo" | "wf") =>
		isAll && words !== ""
			? choicesOf(names, field, { repos: [], workflows: [] })
					.filter((name) => answersTo(name, words))
					.slice(0, NAMES_SHOWN)
			: [];
	const [repos, workflows] = [offered("repo"), offered("wf")];
	const seeksRuns = scope !== "actions" && words.length > 1;
	const isEmpty = pages.length + acts.length + rollbacks.length + repos.length + workflows.length + found.runs.length === 0;

	return (
		// biome-ignore lint/a11y/useKeyWithClickEvents: pressing beside the palette closes it; Esc does so for keys
		<dialog
			ref={dialog}
			aria-label="Search and commands"
			onCancel={(event) => {
				event.preventDefault();
				close(false);
			}}
			onClick={({ target }) => target === dialog.current && close(false)}
			className="mx-auto mt-[12vh] w-[calc(100%-1.5rem)] max-w-xl overflow-hidden rounded-dialog border border-line2 bg-s1 p-0 text-t1 shadow-float backdrop:bg-scrim max-sm:mt-3"
		>
			<Command label="Search and commands" shouldFilter={false} loop className="flex max-h-[min(70dvh,32rem)] flex-col">
				<div className="flex items-center gap-2.5 border-b border-line px-3.5">
					<SearchIcon className="size-4 text-t3" />
					<Command.Input
						ref={input}
						value={text}
						onValueChange={setText}
						placeholder="Find pages, runs, repositories; > actions, # runs"
						className="h-12 min-w-0 flex-1 bg-transparent text-body text-t1 outline-none placeholder:text-t3 max-sm:text-[1rem]"
					/>
					<button
						type="button"
						onClick={() => close(false)}
						aria-label="Esc: close"
						className="target grid place-items-center rounded-badge"
					>
						<Kbd keys="Esc" />
					</button>
				</div>
				<Command.List className="min-h-0 flex-1 overflow-y-auto overscroll-contain p-1.5">
					{rollbacks.length > 0 && desk && (
						<Group heading="Roll back">
							{rollbacks.map((entry) => (
								<Item
									key={`${entry.environmentId} ${entry.component}`}
									value={`rollback ${entry.environmentId} ${entry.component}`}
									Icon={UndoIcon}
									onSelect={run(() => desk.ask(entry))}
									{...(entry.isFailing && { aside: "failing" })}
								>
									{entry.words}
								</Item>
							))}
						</Group>
					)}
					{pages.length > 0 && (
						<Group heading="Go to">
							{pages.map(({ path, word, Icon, key }) => (
								<Item
									key={path}
									value={`page ${path}`}
									Icon={Icon}
									{...(key && { keys: `G ${key}` })}
									onSelect={run(() => commands.goTo(path))}
								>
									{word}
								</Item>
							))}
						</Group>
					)}
					{seeksRuns && (
						<Group heading="Runs">
							{found.runs.map((one) => (
								<Item
									key={one.id}
									value={`run ${one.id}`}
									Icon={BranchIcon}
									onSelect={run(() => navigate(`/t/${team}/runs/${encodeURIComponent(one.id)}`))}
								>
									<span className="min-w-0 flex-1 truncate">
										<span className="font-medium">{one.workflow}</span> <span className="text-t3">{one.repo}</span>
									</span>
									{one.started_at !== null && (
										<TimeText at={Date.parse(one.started_at)} className="shrink-0 text-sec text-t3 max-sm:hidden" />
									)}
									{isStatus(one.status) && <RunStatusBadge status={one.status} />}
								</Item>
							))}
							<RunsSay found={found} words={words} />
						</Group>
					)}
					{repos.length > 0 && (
						<Group heading="Repositories">
							{repos.map((name) => (
								<Item key={name} value={`repo ${name}`} onSelect={run(() => commands.show({ repo: name }))} aside="Show only this">
									{name}
								</Item>
							))}
						</Group>
					)}
					{workflows.length > 0 && (
						<Group heading="Workflows">
							{workflows.map((name) => (
								<Item key={name} value={`wf ${name}`} onSelect={run(() => commands.show({ wf: name }))} aside="Show only this">
									{name}
								</Item>
							))}
						</Group>
					)}
					{acts.length > 0 && (
						<Group heading="Actions">
							{acts.map(([id, word, Icon, act]) => (
								<Item key={word} value={`act ${word}`} Icon={Icon} {...(id && { keys: keysOf(id, isMac) })} onSelect={run(act)}>
									{word}
								</Item>
							))}
						</Group>
					)}
					{isEmpty && !seeksRuns && <p className="px-2.5 py-6 text-center text-body text-t2">Nothing is called “{words}” here.</p>}
					{scope === "runs" && !seeksRuns && (
						<p className="px-2.5 py-6 text-center text-body text-t2">Type two letters of a workflow, repository or branch.</p>
					)}
				</Command.List>
				<div className="flex items-center gap-3 border-t border-line px-3.5 py-2 text-min text-t3 max-sm:hidden">
					<span className="flex items-center gap-1.5">
						<Kbd keys="↑ ↓" /> move
					</span>
					<span className="flex items-center gap-1.5">
						<Kbd keys="↵" /> run
					</span>
					<span className="ml-auto">&gt; actions · # runs</span>
				</div>
			</Command>
		</dialog>
	);
}

function RunsSay({ found, words }: { found: ReturnType<typeof useFoundRuns>; words: string }) {
	if (found.state === "found" || (found.state === "searching" && found.runs.length > 0)) return null;
	const sentence =
		found.state === "failed"
			? `Runs could not be searched. ${found.message}`
			: found.state === "none"
				? `No run has “${words}” in it.`
				: "Searching runs…";
	return (
		<p role="status" className="px-2.5 py-2 text-sec text-t2">
			{sentence}
		</p>
	);
}

function Group({ heading, children }: { heading: string; children: ReactNode }) {
	return (
		<Command.Group
			heading={heading}
			className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-sec [&_[cmdk-group-heading]]:text-t3"
		>
			{children}
		</Command.Group>
	);
}

type ItemProps = {
	value: string;
	Icon?: ComponentType<IconProps>;
	keys?: string;
	aside?: string;
	onSelect: () => void;
	children: ReactNode;
};

function Item({ value, Icon, keys, aside, onSelect, children }: ItemProps) {
	return (
		<Command.Item
			value={value}
			onSelect={onSelect}
			className="target flex min-h-9 cursor-pointer items-center gap-2.5 rounded-ctl px-2.5 text-body data-[selected=true]:bg-on"
		>
			{Icon && <Icon className="size-4 text-t3" />}
			<span className="flex min-w-0 flex-1 items-center gap-2.5 truncate">{children}</span>
			{aside && <span className="shrink-0 text-sec text-t3">{aside}</span>}
			{keys && (
				<span className="max-sm:hidden">
					<Kbd keys={keys} />
				</span>
			)}
		</Command.Item>
	);
}

function isStatus(status: string): status is RunStatus {
	return RUN_STATUSES.some((known) => known === status);
}
