using Muniment.Delivery.Batches;

namespace Muniment.Delivery.Kinds;

/// <summary>A JSON array of rendered elements that each end with a comma; the last comma becomes the closing bracket, so framing adds <see cref="FrameBytes"/>.</summary>
internal static class JsonArrayBody
{
    /// <summary>The opening bracket.</summary>
    public const int FrameBytes = 1;

    public static ReadOnlyMemory<byte> Of(BatchSlice slice)
    {
        ReadOnlyMemory<byte> items = slice.Concatenate();
        byte[] body = new byte[items.Length + FrameBytes];
        body[0] = (byte)'[';
        items.Span.CopyTo(body.AsSpan(FrameBytes));
        if (body[^1] != (byte)',')
        {
            throw new InvalidOperationException("every element ends with a comma");
        }

        body[^1] = (byte)']';
        return body;
    }
}
