import {
	ArrowDown,
	ArrowUp,
	ArrowUpDown,
	Ban,
	BellOff,
	Blocks,
	Calendar,
	ChartColumn,
	Check,
	CheckCheck,
	ChevronDown,
	ChevronLeft,
	ChevronRight,
	ChevronsUpDown,
	CircleCheck,
	CircleDashed,
	Clock,
	Copy,
	Ellipsis,
	ExternalLink,
	GitBranch,
	GitCommitHorizontal,
	Globe,
	Info,
	Keyboard,
	LayoutDashboard,
	Link,
	ListFilter,
	Loader,
	Lock,
	LogOut,
	type LucideIcon,
	Monitor,
	Moon,
	Palette,
	PanelLeftClose,
	Pause,
	Plus,
	RefreshCw,
	Rocket,
	RotateCcw,
	Search,
	Settings,
	Sparkles,
	Sun,
	Table2,
	Trash2,
	TriangleAlert,
	Undo2,
	Unplug,
	User,
	Workflow,
	X,
} from "lucide-react";
import type { ComponentType } from "react";

/** All icons are decoration: the word stands beside them, or names the button they fill. */
export type IconProps = { className?: string };

function house(Drawing: LucideIcon, always = "shrink-0"): ComponentType<IconProps> {
	return ({ className = "size-4" }) => <Drawing aria-hidden="true" className={`${always} ${className}`} />;
}

// The marks of @__PURE__ let the bundler leave out what no page draws.
/** Ring with a tick: passed, healthy. */
export const RingTickIcon = /* @__PURE__ */ house(CircleCheck);
/** Triangle with a mark: warning, degraded, reconnecting. */
export const TriangleIcon = /* @__PURE__ */ house(TriangleAlert);
/** Spokes: running. They turn, unless motion is unwelcome. */
export const SpokesIcon = /* @__PURE__ */ house(Loader, "spokes shrink-0");
/** Dashed ring: queued, unknown, stale. */
export const DashedRingIcon = /* @__PURE__ */ house(CircleDashed);
/** Ring with a bar: cancelled, skipped. */
export const BanIcon = /* @__PURE__ */ house(Ban);
/** Arrow back: rolled back, undo. */
export const UndoIcon = /* @__PURE__ */ house(Undo2);
/** Two ticks: acknowledged. */
export const TicksIcon = /* @__PURE__ */ house(CheckCheck);
/** Struck bell: muted. */
export const BellOffIcon = /* @__PURE__ */ house(BellOff);
/** Lock: locked, not permitted. */
export const LockIcon = /* @__PURE__ */ house(Lock);
/** Star: predicted. */
export const SparklesIcon = /* @__PURE__ */ house(Sparkles);
/** Rocket: deployed. */
export const RocketIcon = /* @__PURE__ */ house(Rocket);
/** Four tiles: the overview. */
export const OverviewIcon = /* @__PURE__ */ house(LayoutDashboard);
/** Two joined boxes: pipelines. */
export const PipelinesIcon = /* @__PURE__ */ house(Workflow);
/** Wheel: settings. */
export const SettingsIcon = /* @__PURE__ */ house(Settings);
/** Blocks: integrations. */
export const IntegrationsIcon = /* @__PURE__ */ house(Blocks);
/** Palette: appearance. */
export const AppearanceIcon = /* @__PURE__ */ house(Palette);
/** Lines that narrow: filter. */
export const FilterIcon = /* @__PURE__ */ house(ListFilter);
/** Lens: search. */
export const SearchIcon = /* @__PURE__ */ house(Search);
/** Calendar: the range. */
export const CalendarIcon = /* @__PURE__ */ house(Calendar);
/** Globe: the time zone. */
export const ZoneIcon = /* @__PURE__ */ house(Globe);
/** Clock: how long, when. */
export const ClockIcon = /* @__PURE__ */ house(Clock);
/** Two sheets: copy. */
export const CopyIcon = /* @__PURE__ */ house(Copy);
/** Chain: copy the link. */
export const LinkIcon = /* @__PURE__ */ house(Link);
/** Arrow out of a box: leaves this site. */
export const LeavesIcon = /* @__PURE__ */ house(ExternalLink);
/** Cross: close, remove. */
export const CloseIcon = /* @__PURE__ */ house(X);
/** Tick: chosen, done. */
export const TickIcon = /* @__PURE__ */ house(Check);
/** Plus: add. */
export const PlusIcon = /* @__PURE__ */ house(Plus);
/** Bin: delete. */
export const TrashIcon = /* @__PURE__ */ house(Trash2);
/** Ring with an i: an explanation. */
export const InfoIcon = /* @__PURE__ */ house(Info);
/** Arrow up: new rows wait above. */
export const ArrowUpIcon = /* @__PURE__ */ house(ArrowUp);
/** Arrow up: sorted, smallest first. */
export const SortUpIcon = /* @__PURE__ */ house(ArrowUp);
/** Arrow down: sorted, largest first. */
export const SortDownIcon = /* @__PURE__ */ house(ArrowDown);
/** Both arrows: can be sorted. */
export const SortNoneIcon = /* @__PURE__ */ house(ArrowUpDown);
/** Two small angles: a list opens. */
export const ChooseIcon = /* @__PURE__ */ house(ChevronsUpDown);
/** Angle down: opens below, open. */
export const ChevronDownIcon = /* @__PURE__ */ house(ChevronDown);
/** Angle right: leads on, closed. */
export const ChevronRightIcon = /* @__PURE__ */ house(ChevronRight);
/** Angle left: back. */
export const ChevronLeftIcon = /* @__PURE__ */ house(ChevronLeft);
/** Window with a closing side: collapse. */
export const CollapseIcon = /* @__PURE__ */ house(PanelLeftClose);
/** Three dots in a row: more. */
export const MoreIcon = /* @__PURE__ */ house(Ellipsis);
/** Two arrows in a circle: refresh. */
export const RefreshIcon = /* @__PURE__ */ house(RefreshCw);
/** One arrow in a circle: run again. */
export const RerunIcon = /* @__PURE__ */ house(RotateCcw);
/** Two bars: pause. */
export const PauseIcon = /* @__PURE__ */ house(Pause);
/** Keyboard: the keys. */
export const KeyboardIcon = /* @__PURE__ */ house(Keyboard);
/** Table: the figures behind a chart. */
export const TableIcon = /* @__PURE__ */ house(Table2);
/** Columns: the chart. */
export const ChartIcon = /* @__PURE__ */ house(ChartColumn);
/** Branch of a repository. */
export const BranchIcon = /* @__PURE__ */ house(GitBranch);
/** Commit. */
export const CommitIcon = /* @__PURE__ */ house(GitCommitHorizontal);
/** Person: who. */
export const PersonIcon = /* @__PURE__ */ house(User);
/** Plug pulled out: disconnected. */
export const PlugOffIcon = /* @__PURE__ */ house(Unplug);
/** Moon: dark. */
export const MoonIcon = /* @__PURE__ */ house(Moon);
/** Sun: light. */
export const SunIcon = /* @__PURE__ */ house(Sun);
/** Screen: as the system has it. */
export const ScreenIcon = /* @__PURE__ */ house(Monitor);
/** Door with an arrow: sign out. */
export const SignOutIcon = /* @__PURE__ */ house(LogOut);

/** Filled stop sign with a cross: failed, critical. The cross is cut out, so it reads in one colour. */
export function StopIcon({ className = "size-4" }: IconProps) {
	return (
		<svg aria-hidden="true" focusable="false" viewBox="0 0 24 24" className={`shrink-0 ${className}`}>
			<path
				fill="currentColor"
				fillRule="evenodd"
				d="M8.1 2h7.8L22 8.1v7.8L15.9 22H8.1L2 15.9V8.1L8.1 2Zm.9 5.6L7.6 9l3 3-3 3L9 16.4l3-3 3 3 1.4-1.4-3-3 3-3L15 7.6l-3 3-3-3Z"
			/>
		</svg>
	);
}

/** The product's mark: a pulse on a filled tile. */
export function MarkIcon({ className = "size-5" }: IconProps) {
	return (
		<svg aria-hidden="true" focusable="false" viewBox="0 0 32 32" className={`shrink-0 ${className}`}>
			<rect width="32" height="32" rx="8" className="fill-acc-fill" />
			<path
				d="M6 17h4.5l3-8 5 14 3-6H26"
				fill="none"
				className="stroke-white"
				strokeWidth="2.6"
				strokeLinecap="round"
				strokeLinejoin="round"
			/>
		</svg>
	);
}
