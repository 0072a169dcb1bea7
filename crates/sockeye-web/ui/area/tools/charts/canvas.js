/** A canvas that is as sharp as the screen, whatever its scale, and says when it has another size. */

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
    canvas.width = pixels?.inlineSize ?? Math.round(width * devicePixelRatio);
    canvas.height = pixels?.blockSize ?? Math.round(height * devicePixelRatio);
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
