using Muniment.Delivery.Machine;

namespace Muniment.Delivery.Tests.Machine;

public sealed class CircuitStateTests
{
    [Fact]
    public void Five_failures_in_a_row_open_it_and_one_success_closes_it()
    {
        CircuitState circuit = new();
        for (int i = 1; i <= 4; i++)
        {
            circuit.Failed(i);
            Assert.False(circuit.Open);
        }

        circuit.Failed(5);
        Assert.True(circuit.Open);
        circuit.Worked();
        Assert.False(circuit.Open);
        Assert.Equal((0, 0u), (circuit.Seen, circuit.Window));
    }

    [Theory]
    [InlineData(10, true)]
    [InlineData(9, false)]
    public void Half_of_the_last_twenty_opens_it(int failures, bool opens)
    {
        CircuitState circuit = new();
        for (int i = 0; i < CircuitState.WindowSize - failures; i++)
        {
            circuit.Worked();
        }

        for (int i = 0; i < failures; i++)
        {
            Assert.False(circuit.Open);
            circuit.Failed(1); // never two in a row as far as this window is concerned
        }

        Assert.Equal(opens, circuit.Open);
    }

    [Fact]
    public void A_window_that_is_not_full_says_nothing()
    {
        CircuitState circuit = new();
        for (int i = 0; i < CircuitState.WindowSize - 1; i++)
        {
            circuit.Failed(1);
            Assert.False(circuit.Open);
        }

        circuit.Failed(1);
        Assert.True(circuit.Open);
    }

    [Fact]
    public void Only_the_last_twenty_count()
    {
        CircuitState circuit = new();
        for (int i = 0; i < 1000; i++)
        {
            if (i % 20 < 9)
            {
                circuit.Failed(1);
            }
            else
            {
                circuit.Worked();
            }

            Assert.False(circuit.Open);
        }
    }
}
