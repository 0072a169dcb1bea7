/** A canvas that is as sharp as the screen, whatever its scale, and says when it has another size. */

/**
 * The browser's own count of device pixels knows how it rounded; where it is far off (emulated
 * scales), the ratio is right.
 * @param {number} size in CSS pixels
 * @param {number | undefined} pixels
 */
function exact(size, pixels) {
  const scaled = size * devicePixelRatio;
  return pixels !== undefined && Math.abs(pixels - scaled) < 2 ? pixels : Math.round(scaled);
}

/**
 * @param {HTMLCanvasElement} canvas its size on the page is the style sheet's
 * @param {(pen: CanvasRenderingContext2D, width: number, height: number) => void} draw in CSS pixels
 */
export function sharp(canvas, draw) {
  const pen = canvas.getContext("2d");
  let [width, height] = [0, 0];
  let asked = 0;

  function paint() {
    asked = 0;
    if (!pen || width === 0 || height === 0) return;
    const scale = canvas.width / width;
    pen.setTransform(scale, 0, 0, canvas.height / height, 0, 0);
    pen.clearRect(0, 0, width, height);
    draw(pen, width, height);
  }

  function again() {
    if (asked === 0) asked = requestAnimationFrame(paint);
  }

  const sizes = new ResizeObserver(([entry]) => {
    if (!entry) return;
    const box = entry.contentBoxSize[0];
    const pixels = entry.devicePixelContentBoxSize?.[0];
    width = box?.inlineSize ?? 0;
    height = box?.blockSize ?? 0;
    canvas.width = exact(width, pixels?.inlineSize);
    canvas.height = exact(height, pixels?.blockSize);
    paint();
  });
  try {
    sizes.observe(canvas, { box: "device-pixel-content-box" });
  } catch {
    // Safari has no such box: its own scale comes close enough.
    sizes.observe(canvas);
  }

  return {
    again,
    destroy() {
      sizes.disconnect();
      cancelAnimationFrame(asked);
    },
  };
}
