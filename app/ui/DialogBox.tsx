import * as Radix from "@radix-ui/react-dialog";
import { IconButton } from "./Button.tsx";
import type { DialogProps } from "./Dialog.tsx";
import { CloseIcon } from "./icons.tsx";

type BoxProps = DialogProps & { returnFocus: () => void };

/** The dialog itself, on Radix: focus stays inside, Esc closes, the page behind is inert. */
export default function DialogBox({
	open,
	onOpenChange,
	title,
	description,
	children,
	footer,
	wide = false,
	first,
	returnFocus,
}: BoxProps) {
	return (
		<Radix.Root open={open} onOpenChange={onOpenChange}>
			<Radix.Portal>
				<Radix.Overlay className="fade-in fixed inset-0 z-50 bg-scrim" />
				<Radix.Content
					{...(description === undefined && { "aria-describedby": undefined })}
					onOpenAutoFocus={(event) => {
						if (!first?.current) return;
						event.preventDefault();
						first.current.focus({ preventScroll: true });
					}}
					onCloseAutoFocus={(event) => {
						event.preventDefault();
						returnFocus();
					}}
					className={`slide-in fixed inset-x-0 bottom-0 z-50 flex max-h-[88dvh] flex-col rounded-t-sheet border border-line2 bg-s1 shadow-float outline-none sm:inset-x-4 sm:top-[12vh] sm:bottom-auto sm:mx-auto sm:max-h-[76dvh] sm:rounded-dialog ${wide ? "sm:max-w-3xl" : "sm:max-w-lg"}`}
				>
					<header className="flex items-start gap-3 px-4 pt-3.5">
						<div className="min-w-0 pt-1">
							<Radix.Title className="text-verdict font-semibold">{title}</Radix.Title>
							{description !== undefined && <Radix.Description className="mt-0.5 text-body text-t2">{description}</Radix.Description>}
						</div>
						<Radix.Close asChild>
							<IconButton name="Close" className="ml-auto">
								<CloseIcon />
							</IconButton>
						</Radix.Close>
					</header>
					{/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keys */}
					<section tabIndex={0} aria-label={title} className="min-h-0 overflow-y-auto px-4 pt-2 pb-4">
						{children}
					</section>
					{footer !== undefined && (
						<footer className="flex flex-wrap items-center justify-end gap-2 border-t border-line px-4 py-3">{footer}</footer>
					)}
				</Radix.Content>
			</Radix.Portal>
		</Radix.Root>
	);
}
