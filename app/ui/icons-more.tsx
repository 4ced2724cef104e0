// Icons that neither the frame nor the overview draws at first: a chunk of their own, so that the first page stays small.
import {
	ArrowDown,
	ArrowRight,
	ArrowUp,
	ArrowUpDown,
	BellOff,
	Blocks,
	CheckCheck,
	ChevronLeft,
	Clock,
	Eye,
	FileDiff,
	GitBranch,
	GitCommitHorizontal,
	Keyboard,
	Lock,
	LockOpen,
	Palette,
	Plus,
	Server,
	Sparkles,
	Trash2,
	Undo2,
	Unplug,
	User,
} from "lucide-react";
import { iconOf } from "./icon-of.tsx";

// The marks of @__PURE__ let the bundler leave out what no page draws.
/** Arrow back: rolled back, undo. */
export const UndoIcon = /* @__PURE__ */ iconOf(Undo2);
/** Two ticks: acknowledged. */
export const TicksIcon = /* @__PURE__ */ iconOf(CheckCheck);
/** Struck bell: muted. */
export const BellOffIcon = /* @__PURE__ */ iconOf(BellOff);
/** Lock: locked, not permitted. */
export const LockIcon = /* @__PURE__ */ iconOf(Lock);
/** Star: predicted. */
export const SparklesIcon = /* @__PURE__ */ iconOf(Sparkles);
/** Open lock: nothing stands in the way of a deployment. */
export const UnlockIcon = /* @__PURE__ */ iconOf(LockOpen);
/** Arrow right: from one to the other. */
export const ArrowRightIcon = /* @__PURE__ */ iconOf(ArrowRight);
/** Eye: somebody looks. */
export const EyeIcon = /* @__PURE__ */ iconOf(Eye);
/** Sheet with plus and minus: what differs. */
export const DiffIcon = /* @__PURE__ */ iconOf(FileDiff);
/** Rack: a cluster. */
export const ServerIcon = /* @__PURE__ */ iconOf(Server);
/** Blocks: integrations. */
export const IntegrationsIcon = /* @__PURE__ */ iconOf(Blocks);
/** Palette: appearance. */
export const AppearanceIcon = /* @__PURE__ */ iconOf(Palette);
/** Clock: how long, when. */
export const ClockIcon = /* @__PURE__ */ iconOf(Clock);
/** Plus: add. */
export const PlusIcon = /* @__PURE__ */ iconOf(Plus);
/** Bin: delete. */
export const TrashIcon = /* @__PURE__ */ iconOf(Trash2);
/** Arrow up: sorted, smallest first. */
export const SortUpIcon = /* @__PURE__ */ iconOf(ArrowUp);
/** Arrow down: sorted, largest first. */
export const SortDownIcon = /* @__PURE__ */ iconOf(ArrowDown);
/** Both arrows: can be sorted. */
export const SortNoneIcon = /* @__PURE__ */ iconOf(ArrowUpDown);
/** Angle left: back. */
export const ChevronLeftIcon = /* @__PURE__ */ iconOf(ChevronLeft);
/** Keyboard: the keys. */
export const KeyboardIcon = /* @__PURE__ */ iconOf(Keyboard);
/** Branch of a repository. */
export const BranchIcon = /* @__PURE__ */ iconOf(GitBranch);
/** Commit. */
export const CommitIcon = /* @__PURE__ */ iconOf(GitCommitHorizontal);
/** Person: who. */
export const PersonIcon = /* @__PURE__ */ iconOf(User);
/** Plug pulled out: disconnected. */
export const PlugOffIcon = /* @__PURE__ */ iconOf(Unplug);
