import {
	ArrowUp,
	Ban,
	Calendar,
	ChartColumn,
	Check,
	ChevronDown,
	ChevronRight,
	ChevronsUpDown,
	CircleCheck,
	CircleDashed,
	Copy,
	Ellipsis,
	ExternalLink,
	Globe,
	Info,
	LayoutDashboard,
	Link,
	ListFilter,
	Loader,
	LogOut,
	Monitor,
	Moon,
	PanelLeftClose,
	Pause,
	RefreshCw,
	Rocket,
	RotateCcw,
	Search,
	Settings,
	Sun,
	Table2,
	TriangleAlert,
	Workflow,
	X,
} from "lucide-react";
import { type IconProps, iconOf } from "./icon-of.tsx";

export type { IconProps };

// The marks of @__PURE__ let the bundler leave out what no page draws.
/** Ring with a tick: passed, healthy. */
export const RingTickIcon = /* @__PURE__ */ iconOf(CircleCheck);
/** Triangle with a mark: warning, degraded, reconnecting. */
export const TriangleIcon = /* @__PURE__ */ iconOf(TriangleAlert);
/** Spokes: running. They turn, unless motion is unwelcome. */
export const SpokesIcon = /* @__PURE__ */ iconOf(Loader, "spokes shrink-0");
/** Dashed ring: queued, unknown, stale. */
export const DashedRingIcon = /* @__PURE__ */ iconOf(CircleDashed);
/** Ring with a bar: cancelled, skipped. */
export const BanIcon = /* @__PURE__ */ iconOf(Ban);
/** Four tiles: the overview. */
export const OverviewIcon = /* @__PURE__ */ iconOf(LayoutDashboard);
/** Two joined boxes: pipelines. */
export const PipelinesIcon = /* @__PURE__ */ iconOf(Workflow);
/** Rocket: deployed. */
export const RocketIcon = /* @__PURE__ */ iconOf(Rocket);
/** Wheel: settings. */
export const SettingsIcon = /* @__PURE__ */ iconOf(Settings);
/** Lines that narrow: filter. */
export const FilterIcon = /* @__PURE__ */ iconOf(ListFilter);
/** Lens: search. */
export const SearchIcon = /* @__PURE__ */ iconOf(Search);
/** Calendar: the range. */
export const CalendarIcon = /* @__PURE__ */ iconOf(Calendar);
/** Globe: the time zone. */
export const ZoneIcon = /* @__PURE__ */ iconOf(Globe);
/** Two sheets: copy. */
export const CopyIcon = /* @__PURE__ */ iconOf(Copy);
/** Chain: copy the link. */
export const LinkIcon = /* @__PURE__ */ iconOf(Link);
/** Arrow out of a box: leaves this site. */
export const LeavesIcon = /* @__PURE__ */ iconOf(ExternalLink);
/** Cross: close, remove. */
export const CloseIcon = /* @__PURE__ */ iconOf(X);
/** Tick: chosen, done. */
export const TickIcon = /* @__PURE__ */ iconOf(Check);
/** Ring with an i: an explanation. */
export const InfoIcon = /* @__PURE__ */ iconOf(Info);
/** Arrow up: new rows wait above. */
export const ArrowUpIcon = /* @__PURE__ */ iconOf(ArrowUp);
/** Two small angles: a list opens. */
export const ChooseIcon = /* @__PURE__ */ iconOf(ChevronsUpDown);
/** Angle down: opens below, open. */
export const ChevronDownIcon = /* @__PURE__ */ iconOf(ChevronDown);
/** Angle right: leads on, closed. */
export const ChevronRightIcon = /* @__PURE__ */ iconOf(ChevronRight);
/** Window with a closing side: collapse. */
export const CollapseIcon = /* @__PURE__ */ iconOf(PanelLeftClose);
/** Three dots in a row: more. */
export const MoreIcon = /* @__PURE__ */ iconOf(Ellipsis);
/** Two arrows in a circle: refresh. */
export const RefreshIcon = /* @__PURE__ */ iconOf(RefreshCw);
/** One arrow in a circle: run again. */
export const RerunIcon = /* @__PURE__ */ iconOf(RotateCcw);
/** Two bars: pause. */
export const PauseIcon = /* @__PURE__ */ iconOf(Pause);
/** Table: the figures behind a chart. */
export const TableIcon = /* @__PURE__ */ iconOf(Table2);
/** Columns: the chart. */
export const ChartIcon = /* @__PURE__ */ iconOf(ChartColumn);
/** Moon: dark. */
export const MoonIcon = /* @__PURE__ */ iconOf(Moon);
/** Sun: light. */
export const SunIcon = /* @__PURE__ */ iconOf(Sun);
/** Screen: as the system has it. */
export const ScreenIcon = /* @__PURE__ */ iconOf(Monitor);
/** Door with an arrow: sign out. */
export const SignOutIcon = /* @__PURE__ */ iconOf(LogOut);

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
