using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Muniment.Events.Hashing;

/// <summary>SHA-256's compression function over 16 independent messages at once, one a lane (AVX-512).</summary>
internal static unsafe class Sha256Lanes16
{
    /// <summary>Messages at once.</summary>
    public const int Lanes = 16;

    /// <summary>Whether this machine can.</summary>
    public static bool IsSupported => Avx512BW.IsSupported;

    /// <summary>Feeds <paramref name="blockCount"/> blocks of each lane, moving the lanes' pointers on.</summary>
    /// <param name="state">8 words × 16 lanes; word i of lane j lies at i·16+j.</param>
    /// <param name="blocks">16 pointers to 64-byte blocks.</param>
    /// <param name="blockCount">Blocks that each lane has left at least.</param>
    [SkipLocalsInit]
    public static void Compress(uint* state, byte** blocks, int blockCount)
    {
        // Aligned by hand, so that no vector lies across two cache lines.
        byte* room = stackalloc byte[17 * 64];
        Vector512<uint>* w = (Vector512<uint>*)(((nuint)room + 63) & ~(nuint)63);
        fixed (uint* k = Sha256Constants.K)
        {
            Vector512<uint> a0 = Vector512.Load(state + 0);
            Vector512<uint> b0 = Vector512.Load(state + 16);
            Vector512<uint> c0 = Vector512.Load(state + 32);
            Vector512<uint> d0 = Vector512.Load(state + 48);
            Vector512<uint> e0 = Vector512.Load(state + 64);
            Vector512<uint> f0 = Vector512.Load(state + 80);
            Vector512<uint> g0 = Vector512.Load(state + 96);
            Vector512<uint> h0 = Vector512.Load(state + 112);
            for (; blockCount > 0; blockCount--)
            {
                Load(w, blocks);
                Vector512<uint> a = a0, b = b0, c = c0, d = d0, e = e0, f = f0, g = g0, h = h0;
                for (int i = 0; i < 64; i += 8)
                {
                    if (i >= 16)
                    {
                        Expand(w, i & 8);
                    }

                    Vector512<uint>* p = w + (i & 8);
                    h += Sum1(e) + Choose(e, f, g) + p[0] + Vector512.Create(k[i + 0]);
                    d += h;
                    h += Sum0(a) + Majority(a, b, c);
                    g += Sum1(d) + Choose(d, e, f) + p[1] + Vector512.Create(k[i + 1]);
                    c += g;
                    g += Sum0(h) + Majority(h, a, b);
                    f += Sum1(c) + Choose(c, d, e) + p[2] + Vector512.Create(k[i + 2]);
                    b += f;
                    f += Sum0(g) + Majority(g, h, a);
                    e += Sum1(b) + Choose(b, c, d) + p[3] + Vector512.Create(k[i + 3]);
                    a += e;
                    e += Sum0(f) + Majority(f, g, h);
                    d += Sum1(a) + Choose(a, b, c) + p[4] + Vector512.Create(k[i + 4]);
                    h += d;
                    d += Sum0(e) + Majority(e, f, g);
                    c += Sum1(h) + Choose(h, a, b) + p[5] + Vector512.Create(k[i + 5]);
                    g += c;
                    c += Sum0(d) + Majority(d, e, f);
                    b += Sum1(g) + Choose(g, h, a) + p[6] + Vector512.Create(k[i + 6]);
                    f += b;
                    b += Sum0(c) + Majority(c, d, e);
                    a += Sum1(f) + Choose(f, g, h) + p[7] + Vector512.Create(k[i + 7]);
                    e += a;
                    a += Sum0(b) + Majority(b, c, d);
                }

                a0 += a;
                b0 += b;
                c0 += c;
                d0 += d;
                e0 += e;
                f0 += f;
                g0 += g;
                h0 += h;
            }

            a0.Store(state + 0);
            b0.Store(state + 16);
            c0.Store(state + 32);
            d0.Store(state + 48);
            e0.Store(state + 64);
            f0.Store(state + 80);
            g0.Store(state + 96);
            h0.Store(state + 112);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Expand(Vector512<uint>* w, int from)
    {
        for (int i = from; i < from + 8; i++)
        {
            w[i] += Small0(w[(i + 1) & 15]) + w[(i + 9) & 15] + Small1(w[(i + 14) & 15]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Sum0(Vector512<uint> x) => Avx512F.TernaryLogic(Avx512F.RotateRight(x, 2), Avx512F.RotateRight(x, 13), Avx512F.RotateRight(x, 22), 0x96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Sum1(Vector512<uint> x) => Avx512F.TernaryLogic(Avx512F.RotateRight(x, 6), Avx512F.RotateRight(x, 11), Avx512F.RotateRight(x, 25), 0x96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Small0(Vector512<uint> x) => Avx512F.TernaryLogic(Avx512F.RotateRight(x, 7), Avx512F.RotateRight(x, 18), (x >>> 3), 0x96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Small1(Vector512<uint> x) => Avx512F.TernaryLogic(Avx512F.RotateRight(x, 17), Avx512F.RotateRight(x, 19), (x >>> 10), 0x96);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Choose(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) => Avx512F.TernaryLogic(x, y, z, 0xCA);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Majority(Vector512<uint> x, Vector512<uint> y, Vector512<uint> z) => Avx512F.TernaryLogic(x, y, z, 0xE8);

    // Word j of each lane's block becomes vector j: a 16 × 16 transposition of big-endian words.
    private static void Load(Vector512<uint>* w, byte** blocks)
    {
        Vector512<byte> swap = SwapMask;
        for (int group = 0; group < 4; group++)
        {
            Vector512<uint> r0 = Take(blocks, (4 * group) + 0, swap), r1 = Take(blocks, (4 * group) + 1, swap);
            Vector512<uint> r2 = Take(blocks, (4 * group) + 2, swap), r3 = Take(blocks, (4 * group) + 3, swap);
            Vector512<ulong> low01 = Avx512F.UnpackLow(r0, r1).AsUInt64(), high01 = Avx512F.UnpackHigh(r0, r1).AsUInt64();
            Vector512<ulong> low23 = Avx512F.UnpackLow(r2, r3).AsUInt64(), high23 = Avx512F.UnpackHigh(r2, r3).AsUInt64();
            w[group] = Avx512F.UnpackLow(low01, low23).AsUInt32();
            w[4 + group] = Avx512F.UnpackHigh(low01, low23).AsUInt32();
            w[8 + group] = Avx512F.UnpackLow(high01, high23).AsUInt32();
            w[12 + group] = Avx512F.UnpackHigh(high01, high23).AsUInt32();
        }

        Transpose128(w, 0, out Vector512<uint> c0, out Vector512<uint> c4, out Vector512<uint> c8, out Vector512<uint> c12);
        Transpose128(w, 4, out Vector512<uint> c1, out Vector512<uint> c5, out Vector512<uint> c9, out Vector512<uint> c13);
        Transpose128(w, 8, out Vector512<uint> c2, out Vector512<uint> c6, out Vector512<uint> c10, out Vector512<uint> c14);
        Transpose128(w, 12, out Vector512<uint> c3, out Vector512<uint> c7, out Vector512<uint> c11, out Vector512<uint> c15);
        (w[0], w[1], w[2], w[3], w[4], w[5], w[6], w[7]) = (c0, c1, c2, c3, c4, c5, c6, c7);
        (w[8], w[9], w[10], w[11], w[12], w[13], w[14], w[15]) = (c8, c9, c10, c11, c12, c13, c14, c15);
    }

    private static Vector512<byte> SwapMask { get; } = Vector512.Create(0x00010203u, 0x04050607, 0x08090a0b, 0x0c0d0e0f, 0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f, 0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f, 0x00010203, 0x04050607, 0x08090a0b, 0x0c0d0e0f).AsByte();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<uint> Take(byte** blocks, int lane, Vector512<byte> swap)
    {
        Vector512<uint> row = Avx512BW.Shuffle(Vector512.Load(blocks[lane]), swap).AsUInt32();
        blocks[lane] += Sha256Constants.BlockSizeBytes;
        return row;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Transpose128(Vector512<uint>* w, int at, out Vector512<uint> first, out Vector512<uint> second, out Vector512<uint> third, out Vector512<uint> fourth)
    {
        Vector512<uint> low01 = Avx512F.Shuffle4x128(w[at], w[at + 1], 0x44), low23 = Avx512F.Shuffle4x128(w[at + 2], w[at + 3], 0x44);
        Vector512<uint> high01 = Avx512F.Shuffle4x128(w[at], w[at + 1], 0xEE), high23 = Avx512F.Shuffle4x128(w[at + 2], w[at + 3], 0xEE);
        first = Avx512F.Shuffle4x128(low01, low23, 0x88);
        second = Avx512F.Shuffle4x128(low01, low23, 0xDD);
        third = Avx512F.Shuffle4x128(high01, high23, 0x88);
        fourth = Avx512F.Shuffle4x128(high01, high23, 0xDD);
    }
}
